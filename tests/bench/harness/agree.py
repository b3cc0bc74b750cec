"""Do two programs give the same answers?"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

RELATIVE = 1e-6
# Below this two answers are both nothing: a nanometre of water, a square millimetre of land.
ABSOLUTE = 1e-9


@dataclass
class Difference:
    id: str
    column: str
    ours: float
    theirs: float
    reason: str | None


@dataclass
class Agreement:
    what: str
    compared: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Difference]:
        return [d for d in self.differences if d.reason is None]

    def column(
        self,
        ids: np.ndarray,
        name: str,
        ours: np.ndarray,
        theirs: np.ndarray,
        reason: Callable[[int, float, float], str | None] = lambda *_: None,
        absolute: float = ABSOLUTE,
    ) -> None:
        """Compares one column; NaN is *unknown*, and unknown agrees with unknown alone. `reason` gets the row and both values."""
        ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
        if ours.shape != theirs.shape:
            raise ValueError(f"{self.what}, {name}: {ours.shape} answers here, {theirs.shape} there")
        both_unknown = np.isnan(ours) & np.isnan(theirs)
        scale = np.maximum(np.abs(ours), np.abs(theirs))
        close = np.abs(ours - theirs) <= np.maximum(RELATIVE * scale, absolute)
        self.compared += ours.size
        for row in np.flatnonzero(~(both_unknown | close)):
            a, b = float(ours[row]), float(theirs[row])
            self.differences.append(Difference(str(ids[row]), name, a, b, reason(int(row), a, b)))

    def lines(self) -> list[str]:
        """Markdown: a sentence, then the reasons with their counts and examples."""
        head = f"- **{self.what}**: {self.compared:,} answers compared, {len(self.differences):,} differ by more than {RELATIVE:g}"
        lines = [head + ("." if not self.differences else ":")]
        by_reason: dict[str, list[Difference]] = {}
        for difference in self.differences:
            by_reason.setdefault(difference.reason or "UNEXPLAINED", []).append(difference)
        for reason, cases in sorted(by_reason.items()):
            shown = "; ".join(f"{d.id} {d.column}: ours {d.ours:.9g}, theirs {d.theirs:.9g}" for d in cases[:5])
            lines.append(f"  - {len(cases):,} × {reason} ({shown}{' …' if len(cases) > 5 else ''})")
        return lines
