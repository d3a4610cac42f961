"""Materials for Cycles: skin with drawn wrinkles, eyes, hair, cloth, teeth."""

import math
from typing import Any

import bpy
from heads import WRINKLES, Face

Colour = tuple[float, float, float]

PAINT, GAZE = "paint", "gaze"
"""Vertex colours: `Face.blush_beard_shade`; the angle from the eye's axis, 1 at 90 degrees."""


class Nodes:
    """A new material's node tree, written as expressions; a value is a number or a socket."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.surface = self.tree.nodes["Principled BSDF"]

    def link(self, value: Any, socket: Any) -> None:
        """Feeds a value into an input."""
        if hasattr(value, "is_output"):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = (*value, 1) if isinstance(value, tuple) else value

    def set(self, **inputs: Any) -> None:
        """Feeds the surface; an underscore stands for a space."""
        for name, value in inputs.items():
            self.link(value, self.surface.inputs[name.replace("_", " ")])

    def node(self, kind: str, *inputs: Any, **settings: Any) -> Any:
        """A node with its settings, and its first inputs."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in settings.items():
            setattr(node, name, value)
        for number, value in enumerate(inputs):
            if value is not None:
                self.link(value, node.inputs[number])
        return node

    def math(self, operation: str, a: Any, b: Any = 0.0) -> Any:
        """A calculation."""
        return self.node("Math", a, b, operation=operation).outputs[0]

    def mix(self, share: Any, a: Any, b: Any) -> Any:
        """Two colours mixed."""
        return self.node("MixRGB", share, a, b).outputs[0]

    def ramp(self, value: Any, begin: float, end: float, low: float = 0, high: float = 1) -> Any:
        """Maps `begin` to `end` linearly to `low` to `high`."""
        return self.node("MapRange", value, begin, end, low, high).outputs[0]

    def noise(self, where: Any, scale: float, detail: float) -> Any:
        """Noise, 0-1."""
        node = self.node("TexNoise")
        for name, value in (("Vector", where), ("Scale", scale), ("Detail", detail)):
            self.link(value, node.inputs[name])
        return node.outputs[0]

    def vertex_colour(self, layer: str) -> list[Any]:
        """Red, green and blue of a layer."""
        colour = self.node("VertexColor", layer_name=layer).outputs[0]
        return list(self.node("SeparateColor", colour).outputs)

    def gauss(self, value: Any, middle: float, width: float) -> Any:
        """1 in the middle, 1/e at `width` from it."""
        distance = self.math("DIVIDE", self.math("SUBTRACT", value, middle), width)
        return self.math("EXPONENT", self.math("MULTIPLY", self.math("POWER", distance, 2), -1))


def _times(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(1.0, part * factor) for part in colour)
    return red, green, blue


def _wrinkles(nodes: Nodes, face: Face) -> Any:
    """Depth of the wrinkles at a place, from the three values that `set_wrinkles` sets."""
    depth = {name: nodes.node("Value", name=name).outputs[0] for name in WRINKLES}
    x, y, z = nodes.node("SeparateXYZ", nodes.node("NewGeometry").outputs["Position"]).outputs
    centre, unit = (float(v) for v in face.centre), float(face.eye_distance)
    middle_x, middle_y, middle_z = centre
    u = nodes.math("ABSOLUTE", nodes.math("DIVIDE", nodes.math("SUBTRACT", x, middle_x), unit))
    w = nodes.math("DIVIDE", nodes.math("SUBTRACT", z, middle_z), unit)
    upright = nodes.math("SUBTRACT", u, nodes.math("MULTIPLY", w, 0.12))
    furrow = nodes.math("MULTIPLY", nodes.gauss(upright, 0.085, 0.026), nodes.gauss(w, 0.34, 0.15))
    root = nodes.math("MULTIPLY", nodes.gauss(w, 0.1, 0.025), nodes.gauss(u, 0, 0.11))
    furrow = nodes.math("ADD", furrow, nodes.math("MULTIPLY", root, 0.5))
    bent = nodes.math("ADD", w, nodes.math("MULTIPLY", nodes.math("POWER", u, 2), 0.05))
    wave = nodes.math("COSINE", nodes.math("MULTIPLY", bent, 2 * math.pi / 0.17))
    lines = nodes.math("POWER", nodes.math("ADD", nodes.math("MULTIPLY", wave, 0.5), 0.5), 5)
    lines = nodes.math("MULTIPLY", lines, nodes.gauss(w, 0.86, 0.22))
    lines = nodes.math("MULTIPLY", lines, nodes.gauss(u, 0, 0.62))
    slant = nodes.math("MULTIPLY", nodes.math("ADD", w, 0.72), 0.55)
    folds = nodes.gauss(nodes.math("ADD", u, slant), 0.42, 0.035)
    folds = nodes.math("MULTIPLY", folds, nodes.gauss(w, -0.78, 0.24))
    total: Any = 0.0
    for name, shape in (("furrow", furrow), ("lines", lines), ("folds", folds)):
        total = nodes.math("ADD", total, nodes.math("MULTIPLY", shape, depth[name]))
    front = nodes.math("LESS_THAN", y, middle_y + 0.9 * unit)
    return nodes.math("MULTIPLY", total, front)


def set_wrinkles(skin: Any, depth: dict[str, float]) -> None:
    """Sets how deep the wrinkles of a skin are."""
    for name in WRINKLES:
        skin.node_tree.nodes[name].outputs[0].default_value = depth.get(name, 0)


def skin_material(face: Face) -> Any:
    """Skin: blotches, red cheeks, lips, a beard's shade, pores, and light that shines through."""
    person, mesh = face.person, face.mesh
    nodes = Nodes("skin")
    uv = nodes.node("TexCoord").outputs["UV"]
    blush, beard, shade = nodes.vertex_colour(PAINT)

    def mask(name: str) -> Any:
        image = bpy.data.images.load(str(mesh.texture(name)), check_existing=True)
        image.colorspace_settings.name = "Non-Color"
        return nodes.node("TexImage", image=image).outputs[0]

    lips = mask("mpfb_lips.jpg")
    blotches = nodes.ramp(nodes.noise(uv, 25, 4), 0.3, 0.7)
    colour = nodes.mix(blotches, _times(person.skin, 0.93), _times(person.skin, 1.05))
    colour = nodes.mix(nodes.math("MULTIPLY", blush, person.blush_strength), colour, person.blush)
    if person.spots:
        spots = nodes.ramp(nodes.noise(uv, 180, 2), 0.66, 0.74, 0, person.spots)
        colour = nodes.mix(spots, colour, _times(person.skin, 0.55))
    if person.stubble:
        hairs = nodes.ramp(nodes.noise(uv, 700, 1), 0.35, 0.6, 0.3, person.stubble)
        colour = nodes.mix(nodes.math("MULTIPLY", beard, hairs), colour, person.stubble_colour)
    colour = nodes.mix(nodes.math("MULTIPLY", lips, person.lip_strength), colour, person.lips)
    colour = nodes.mix(mask("mpfb_inside-mouth.jpg"), colour, (0.16, 0.03, 0.03))
    colour = nodes.mix(nodes.ramp(shade, 0, 1, 0, 0.35), colour, _times(person.skin, 0.45))
    wrinkles = _wrinkles(nodes, face)
    dark = nodes.math("MULTIPLY", wrinkles, 0.55)
    colour = nodes.mix(dark, colour, _times(person.skin, 0.3))
    cells = nodes.node("TexVoronoi")
    nodes.link(uv, cells.inputs["Vector"])
    nodes.link(600.0, cells.inputs["Scale"])
    pores = nodes.math("ADD", nodes.noise(uv, 420, 3), cells.outputs["Distance"])
    normal = _bump(nodes, pores, 0.22, 0.0012)
    normal = _bump(nodes, wrinkles, 1.0, -0.0035, normal)
    nodes.surface.subsurface_method = "BURLEY"
    nodes.surface.inputs["Subsurface Radius"].default_value = (1, 0.35, 0.18)
    nodes.set(
        Base_Color=colour,
        Subsurface_Weight=0.6,
        Subsurface_Scale=0.006,
        Roughness=nodes.ramp(lips, 0, 1, person.roughness, 0.33),
        Specular_IOR_Level=0.4,
        Normal=normal,
    )
    return nodes.material


def _bump(nodes: Nodes, height: Any, strength: float, distance_m: float, normal: Any = None) -> Any:
    node = nodes.node("Bump", invert=distance_m < 0)
    inputs = {"Height": height, "Strength": strength, "Distance": abs(distance_m)}
    for name, value in inputs.items():
        nodes.link(value, node.inputs[name])
    if normal is not None:
        nodes.link(normal, node.inputs["Normal"])
    return node.outputs[0]


def eye_material(iris: Colour) -> Any:
    """Pupil, iris and white of an eye under a wet surface."""
    nodes = Nodes("eye")
    angle = nodes.vertex_colour(GAZE)[0]
    fibres = nodes.noise(nodes.node("TexCoord").outputs["Object"], 900, 2)
    colour = nodes.mix(nodes.ramp(fibres, 0.35, 0.65), _times(iris, 0.5), _times(iris, 1.4))
    colour = nodes.mix(nodes.ramp(angle, 0.27, 0.32), colour, _times(iris, 0.25))
    colour = nodes.mix(nodes.ramp(angle, 0.105, 0.13), (0.003, 0.003, 0.003), colour)
    white = nodes.mix(nodes.ramp(angle, 0.35, 0.8), (0.74, 0.71, 0.68), (0.62, 0.42, 0.38))
    nodes.set(
        Base_Color=nodes.mix(nodes.ramp(angle, 0.3, 0.345), colour, white),
        Roughness=0.08,
        Coat_Weight=1.0,
        Coat_Roughness=0.02,
    )
    return nodes.material


def cloth_material(colour: Colour, collar_m: float, middle_m: float) -> Any:
    """A knitted pullover; above a round collar there is none of it."""
    nodes = Nodes("cloth")
    yarn = nodes.noise(nodes.node("TexCoord").outputs["Object"], 300, 2)
    x, _, z = nodes.node("SeparateXYZ", nodes.node("NewGeometry").outputs["Position"]).outputs
    beside = nodes.math("POWER", nodes.math("SUBTRACT", x, middle_m), 2)
    height = nodes.math("SUBTRACT", z, nodes.math("MULTIPLY", beside, 9))
    nodes.set(
        Base_Color=nodes.mix(nodes.ramp(yarn, 0.3, 0.7), _times(colour, 0.8), _times(colour, 1.1)),
        Roughness=0.9,
        Sheen_Weight=0.3,
        Normal=_bump(nodes, yarn, 0.4, 0.002),
        Alpha=nodes.ramp(height, collar_m - 0.0005, collar_m + 0.0005, 1, 0),
    )
    return nodes.material


def plain_material(name: str, colour: Colour, roughness: float) -> Any:
    """One colour."""
    nodes = Nodes(name)
    nodes.set(Base_Color=colour, Roughness=roughness)
    return nodes.material


def hair_material(colour: Colour, roughness: float) -> Any:
    """Hair of one colour."""
    nodes = Nodes("hair")
    hair = nodes.node("BsdfHairPrincipled", parametrization="COLOR")
    for name, value in (("Color", colour), ("Roughness", roughness), ("Random Roughness", 0.2)):
        nodes.link(value, hair.inputs[name])
    nodes.link(hair.outputs[0], nodes.tree.nodes["Material Output"].inputs[0])
    return nodes.material
