"""Signs: groups of words by which people admit that something is not as it should be. Each group is one feature; how much it weighs is learned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "todo": r"todo|fixme|xxx|hack|hacky|kludge|tbd|wip",
        "temporary": r"work[ -]?arounds?|temporar(?:y|ily)|for now|stop-?gap|band-?aid|quick fix|short.term|later",
        "cleanup": r"clean(?:ed|ing|s)?[ -]?ups?|clean(?:ed|ing|er)?|tid(?:y|ied|ying)|polish(?:ed|ing)?|housekeeping",
        "restructuring": r"re-?factor\w*|re-?structur\w*|re-?organi[sz]\w*|re-?writ\w*|consolidat\w*|simplif\w*|simpler"
        r"|readab\w*|factor(?:ed|ing)? out|extract\w*",
        "superfluous": r"un-?nec?ess?ec?ar\w*|unneeded|un-?used|redundan\w*|useless|obsolete|dead[ -]code|left-?over\w*|extraneous"
        r"|superfluous|no longer (?:needed|used|required)|not (?:needed|used|necessary)|cruft\w*|needless\w*|legacy|stale|commented[- ]out",
        "style": r"(?:check|code|coding)[ -]?styles?|style|format(?:ting|ted)?|reformat\w*|indent\w*|white ?spaces?|lint\w*|nits?"
        r"|nit-?pick\w*|warnings?|pep-?8|shellcheck|sonar|pmd|findbugs|suppress\w*|consisten\w*|inconsisten\w*",
        "naming": r"renam\w*|mis-?nam\w*|naming|better name|more (?:clear|explicit|meaningful|descriptive|readable)|clearer|confus\w*"
        r"|misleading",
        "documentation": r"typos?|mis-?spel\w*|spelling|java-?docs?|grammar|document(?:ed|ation|s|ing)?|outdated|out[- ]of[- ]date"
        r"|add (?:a )?comments?|doc-?strings?",
        "flaky": r"flak(?:y|iness|ey)|intermittent\w*|unstable|harden\w*|sporadic\w*|non-?deterministic\w*|tim(?:ing|es) out|stabili[sz]\w*",
        "untested": r"coverage|(?:no|more|missing|add|lack of|lacks?|additional|need(?:s|ed)?) (?:unit |integration )?tests?|untested"
        r"|(?:disabl|ignor|skip)(?:e[ds]?|ing|s|ed|ping|ped)? (?:(?:the|this|these|some|new|failing|broken|two|flaky) )?(?:\w{1,30} )?tests?",
        "slow": r"slow(?:er|ly|ness|s)?|performan(?:ce|t)|inefficien\w*|efficien\w*|expensive|speed(?:s|ing)?[ -]?up"
        r"|too (?:long|slow|many|much|big|large|complex|complicated)|faster",
        "duplicated": r"duplicat\w*|copy[ -]?(?:and[ -])?past\w*|re-?us(?:e|ing)|boilerplate|dry",
        "leaking": r"leak\w*|thread[- ]?safe\w*|synchroni[sz]\w*|deadlock\w*|robust\w*|resilien\w*",
        "ugly": r"ugl(?:y|ier|iness)|bad|mess(?:y)?|nasty|brittle|fragile|terrible|awful|cumbersome|tricky|weird|smell\w*|anti-?pattern"
        r"|not (?:ideal|perfect|great|clean|nice|pretty|optimal|good)|hard[- ]?cod\w*|magic (?:number|string|constant)s?|complicated"
        r"|complex(?:ity)?|verbose|error[- ]prone|obscure",
        "logging": r"logg?(?:s|ing)?|(?:error|exception) messages?|stack ?traces?|println|debug\w*",
        "design": r"design\w*|architect\w*|modular\w*|coupl(?:ed|ing)|decoupl\w*|abstract\w*|extensib\w*|hierarch\w*|(?:better|right) way"
        r"|proper(?:ly)?|instead of",
        "suggestion": r"could|can|should|would|may|might|please|maybe|perhaps|prefer|suggest\w*|recommend\w*|better|nicer|cleaner|wonder",
        "removal": r"remov\w*|delet\w*|drop(?:ped|ping)?|get(?:ting)? rid of|prun\w*|purg\w*",
        "dependency": r"dependenc\w*|imports?",
        "unfinished": r"not (?:yet )?(?:implemented|finished|complete\w*|supported|working)|unfinished|incomplete|partial(?:ly)?"
        r"|follow[- ]?up|not yet|missing|stub\w*",
        "debt": r"(?:(?:technical|tech)[ -])?debt",
    }
)
_CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "todo": "待办|待处理",
        "temporary": "临时|暂时|权宜|绕过|规避",
        "cleanup": "清理|整理",
        "restructuring": "重构|简化|重写",
        "superfluous": "冗余|多余|无用|废弃|未使用|死代码",
        "style": "代码风格|格式化|代码规范|缩进",
        "naming": "重命名|命名",
        "documentation": "错别字|拼写|文档|注释",
        "flaky": "不稳定",
        "untested": "覆盖率|补充测试|缺少测试|跳过测试",
        "slow": "太慢|缓慢|性能",
        "duplicated": "重复代码|重复",
        "leaking": "泄漏|泄露|线程安全|死锁",
        "ugly": "硬编码|丑陋|混乱|魔法值|魔法数",
        "removal": "删除|移除|去掉",
        "dependency": "依赖",
        "unfinished": "未完成|未实现|不完整",
        "debt": "技术债",
    }
)
_SIGNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        name: re.compile(
            rf"\b(?:{words})\b" + (f"|{_CHINESE[name]}" if name in _CHINESE else ""), re.IGNORECASE
        )
        for name, words in _WORDS.items()
    }
)


def signs_in(text: str) -> Iterator[tuple[str, str]]:
    """(feature, words as they stand) of every group that occurs in ``text``, in a fixed order.

    A group occurs as ``+name``, in the first line also as ``^name``, beside a suggestion ("could we ..") also as ``?name``; superfluous things that
    are removed are ``+superfluous+removal``.
    """
    start = len(text) - len(text.lstrip())
    line_end = text.find("\n", start)
    head = len(text) if line_end < 0 else line_end
    found = {name: match for name, sign in _SIGNS.items() if (match := sign.search(text))}
    for name, match in found.items():
        yield f"+{name}", match[0]
        if match.start() < head:
            yield f"^{name}", match[0]
        if "suggestion" in found:
            yield f"?{name}", match[0]
    if "removal" in found and "superfluous" in found:
        yield "+superfluous+removal", found["superfluous"][0]
