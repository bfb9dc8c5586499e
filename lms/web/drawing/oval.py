"""The line around a stadium: two straights, two bends, measured anticlockwise from the finish as athletes run it."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, degrees, pi, sin

from lms.web.drawing.svg import number


@dataclass(frozen=True)
class Place:
    """A point of the track; `normal` points outwards, `heading` is the running direction in degrees of the drawing."""

    x: float
    y: float
    normal: tuple[float, float]
    heading: float

    def outwards(self, distance: float) -> tuple[float, float]:
        return self.x + self.normal[0] * distance, self.y + self.normal[1] * distance


@dataclass(frozen=True)
class Oval:
    """A track in a box of `width` × `height` whose upper left corner is at `left`, `top`; all in drawing units."""

    width: float
    height: float
    band: float
    left: float = 0
    top: float = 0

    @property
    def radius(self) -> float:
        """Of the centre line's bends."""
        return (self.height - self.band) / 2

    @property
    def straight(self) -> float:
        return self.width - self.height

    @property
    def bend(self) -> float:
        return pi * self.radius

    @property
    def length(self) -> float:
        """Of the centre line, once around."""
        return 2 * (self.straight + self.bend)

    @property
    def center(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    def place(self, distance: float) -> Place:
        """Where one stands after running `distance` from the finish."""
        center_x, y = self.center
        right, left = center_x + self.straight / 2, center_x - self.straight / 2
        run = distance % self.length
        if run < self.bend:
            angle = run / self.radius
            return self._on_bend(right, y, sin(angle), cos(angle), -degrees(angle))
        if run < self.bend + self.straight:
            return Place(right - (run - self.bend), y - self.radius, (0, -1), 180)
        if run < 2 * self.bend + self.straight:
            angle = (run - self.bend - self.straight) / self.radius
            return self._on_bend(left, y, -sin(angle), -cos(angle), 180 - degrees(angle))
        return Place(left + (run - 2 * self.bend - self.straight), y + self.radius, (0, 1), 0)

    def outline(self, start: float, end: float, offset: float = 0) -> str:
        """The path from one distance to a later one, `offset` outside the centre line."""
        x, y = self.place(start).outwards(offset)
        steps = [f"M{number(x)} {number(y)}"]
        corners = (self.bend, self.bend + self.straight, 2 * self.bend + self.straight, self.length)
        reach = number(self.radius + offset)
        for index, corner in enumerate(corners):
            before = corners[index - 1] if index else 0
            if end <= before or start >= corner:
                continue
            x, y = self._before(min(end, corner)).outwards(offset)
            curve = f"A{reach} {reach} 0 0 0 " if index % 2 == 0 else "L"
            steps.append(f"{curve}{number(x)} {number(y)}")
        return "".join(steps)

    def across(self, distance: float) -> str:
        """A line over the whole band."""
        (x1, y1), (x2, y2) = (self.place(distance).outwards(side * self.band / 2) for side in (-1, 1))
        return f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"

    def _before(self, distance: float) -> Place:
        """The full lap ends where it began."""
        return self.place(0 if distance >= self.length else distance)

    def _on_bend(self, x: float, y: float, normal_x: float, normal_y: float, heading: float) -> Place:
        return Place(x + self.radius * normal_x, y + self.radius * normal_y, (normal_x, normal_y), heading)
