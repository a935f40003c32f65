"""Work: what one site costs one process: requests, processor time for answers, records and judgements, and the time in which answers are waited for."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2

from msgspec import Struct

from sync.capacity import asking
from sync.capacity.arrivals import Changes, all_of, met, touches
from sync.capacity.company import Company, Setup, Site
from sync.capacity.constants import Constants

KINDS = ("issue", "commit", "merge_request", "pipeline")


class Load(Struct, frozen=True, kw_only=True):
    """What some work takes.

    Requests; points of Jira Cloud, one for a request and one for an object in its answer; seconds of waiting for answers; processor seconds for requests and their answers as such, for parsing and
    storing records, for reading code anew, and for judging; and, as part of storing, seconds of writing to the store.

    Threads wait side by side; what one process does itself comes on top, for it shares one interpreter with them. So a process is held for ``busy_s``.
    """

    requests: float = 0.0
    points: float = 0.0
    waiting_s: float = 0.0
    asking_s: float = 0.0
    records_s: float = 0.0
    code_s: float = 0.0
    judging_s: float = 0.0
    writing_s: float = 0.0

    @property
    def cpu_s(self) -> float:
        """Processor seconds."""
        return self.asking_s + self.records_s + self.code_s + self.judging_s

    @property
    def busy_s(self) -> float:
        """Seconds for which one process is held."""
        return self.cpu_s + self.waiting_s

    @property
    def parts_s(self) -> Mapping[str, float]:
        """``busy_s`` by what it goes to."""
        return {
            "answers": self.waiting_s,
            "requests": self.asking_s,
            "records": self.records_s,
            "code": self.code_s,
            "judging": self.judging_s,
        }

    def plus(self, other: Load, times: float = 1.0) -> Load:
        """This, and the other so many times."""
        return Load(
            requests=self.requests + other.requests * times,
            points=self.points + other.points * times,
            waiting_s=self.waiting_s + other.waiting_s * times,
            asking_s=self.asking_s + other.asking_s * times,
            records_s=self.records_s + other.records_s * times,
            code_s=self.code_s + other.code_s * times,
            judging_s=self.judging_s + other.judging_s * times,
            writing_s=self.writing_s + other.writing_s * times,
        )

    def times(self, factor: float) -> Load:
        """So many times this."""
        return Load().plus(self, factor)


class Cost(Struct, frozen=True, kw_only=True):
    """What a site's cycles take, for changes that come as so many ``changes`` in a unit of time.

    ``quiet`` is a cycle in which nothing changed; ``seen`` is what a unit's changes take to be read, in full pages, and stored; ``active`` what an active
    project is asked, ``reread_s`` how long its code is read anew, ``judged_s`` how long a commitment is judged.
    """

    site: Site
    quiet: Load
    seen: Load
    pushes: float
    active: Load
    reread_s: float
    touches: float
    judged_s: float

    def cycle(self, new: float, *, again: float = 0.0, known_active: float = 0.0) -> Load:
        """One cycle behind ``new`` units of time. What came in ``again`` units before is read once more; projects with pushes in ``known_active`` units before are asked."""
        asked = met(self.site.projects, self.pushes * (new + known_active))
        changed = met(self.site.projects, self.pushes * new)
        judged = met(self.site.commitments, self.touches * new)
        load = self.quiet.plus(self.seen, new + again).plus(self.active, asked)
        return load.plus(Load(code_s=changed * self.reread_s, judging_s=judged * self.judged_s))


class Model(Struct, frozen=True, kw_only=True):
    """The constants over one company and one way to run Tandem; tells what one site's cycles and rounds take."""

    company: Company
    setup: Setup
    c: Constants

    def cost(self, site: Site, changes: Changes) -> Cost:
        """The cost of the site's cycles, where in a unit of time so much changes. Commitments are kept where their issues are."""
        c = self.c
        kept_s = site.commitments * c["cpu_s_per_commitment_kept"] if site.is_jira else 0.0
        commits_each = site.commits / site.projects if site.projects else 0.0
        is_gitlab = not site.is_jira
        return Cost(
            site=site,
            quiet=self._asked(asking.quiet(site, c)).plus(Load(judging_s=c["cpu_s_per_run"] + kept_s)),
            seen=self._read(changes),
            pushes=changes.pushes,
            active=self._asked(c["gitlab_per_active_project"]) if is_gitlab else Load(),
            reread_s=commits_each * c["cpu_s_per_commit_reread"],
            touches=touches(site, changes, c),
            judged_s=c["cpu_s_per_commitment_judged"],
        )

    def hourly(self, site: Site) -> Load:
        """One hourly round: what no hint is trusted for, and each commitment judged anew, for a judgement is good for an hour."""
        return self._asked(asking.hourly(site, self.c)).plus(self._all_judged(site))

    def census(self, site: Site) -> Load:
        """One day's census."""
        return self._asked(asking.census(site, self.company, self.c))

    def first(self, site: Site) -> Load:
        """The first pull and the first judgement."""
        requests = asking.first(site, self.company, self.c)
        pages = asking.pages(self.company, all_of(site), self.c)
        read = self._read(all_of(site)).plus(self._asked(requests - pages))
        code = Load(code_s=site.commits * self.c["cpu_s_per_commit_reread"])
        return read.plus(code).plus(self._all_judged(site))

    def again_min(self, site: Site) -> float:
        """How far a window reaches back behind its cursor."""
        return self.c["jira_overlap_min" if site.is_jira else "gitlab_overlap_min"]

    def known_active_min(self, site: Site, interval_min: float) -> float:
        """For how many minutes before a cycle's own the projects with pushes are asked in it.

        A project is left alone for as long as it had been silent when it was read: so it is asked once more each time that the silence behind its push has doubled, up to the hour.
        """
        longest = self.c["gitlab_longest_rest_min"]
        return 0.0 if site.is_jira else interval_min * log2(max(1.0, longest / interval_min))

    def round_hours(self, site: Site) -> float:
        """Hours between two hourly rounds, which for GitLab can be made more rarely."""
        return 1.0 if site.is_jira else self.setup.blind_hours

    def _asked(self, requests: float) -> Load:
        return Load(
            requests=requests,
            points=requests,
            asking_s=requests * self.c["cpu_s_per_request"],
            waiting_s=requests * self.setup.round_trip_s / self.setup.threads,
        )

    def _read(self, changes: Changes) -> Load:
        """Changes in full pages, parsed and stored."""
        counts = (changes.issues, changes.commits, changes.merge_requests, changes.pipelines)
        database = self.setup.database
        cpu_s = sum(
            count * (self.c[f"cpu_s_per_{kind}_pulled"] + self.c[f"cpu_s_per_{kind}_stored_{database}"])
            for kind, count in zip(KINDS, counts, strict=True)
        )
        writing_s = sum(
            count * self.c[f"clock_s_per_{kind}_stored_{database}"]
            for kind, count in zip(KINDS, counts, strict=True)
        )
        asked = self._asked(asking.pages(self.company, changes, self.c))
        return asked.plus(Load(points=changes.issues, records_s=cpu_s, writing_s=writing_s))

    def _all_judged(self, site: Site) -> Load:
        judged_s = site.commitments * self.c["cpu_s_per_commitment_judged"]
        return Load(judging_s=judged_s if site.is_jira else 0.0)
