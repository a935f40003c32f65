from __future__ import annotations

import pytest

from mappings.load import parsed


def big_mapping(milestones=500, rules=4):
    """A mapping of ``milestones`` entries with ``rules`` rules each."""
    lines = [
        "version: 1",
        "sources: {jira: [{projects: [PAY, RISK]}], gitlab: [{groups: [payments]}]}",
        "people:",
        *(f"  - {{name: Person {i}, jira: p{i}, gitlab: person{i}}}" for i in range(100)),
        "milestones:",
    ]
    for i in range(milestones):
        lines += [
            f"  - key: milestone-{i}",
            f"    title: Milestone {i} 里程碑",
            "    due: 2026-12-15",
            f"    technical_owner: Person {i % 100}",
            f"    engineering_owner: Person {(i + 1) % 100}",
            f"    slot: {{issue: PAY-{i + 1}}}",
            "    scope:",
            "      any:",
            *(f'        - {{fix_version: "{i}.{r}", project: PAY, component: [a, b]}}' for r in range(rules)),
        ]
    return "\n".join(lines) + "\n"


def test_a_mapping_of_500_milestones_and_2000_rules_loads():
    mapping = parsed(big_mapping(), name="big.yaml")
    assert len(mapping.spec.milestones) == 500
    assert sum(len(m.scope.any) for m in mapping.spec.milestones) == 2000
    assert mapping.place_of("milestones[499].scope.any[3].component[1]") == "big.yaml:6104"


def test_a_mistake_in_a_big_mapping_is_found_where_it_is():
    text = big_mapping().replace('fix_version: "499.3"', 'fixversion: "499.3"')
    with pytest.raises(
        Exception, match=r"^big\.yaml:6104:12   milestones\[499\]\.scope\.any\[3\]   unknown key"
    ):
        parsed(text, name="big.yaml")
