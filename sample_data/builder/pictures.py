"""The radiographs to make: how each is taken and developed, and what is painted into the chest first."""

from dataclasses import dataclass

from builder.chest import LEFT_LOWER_LOBE, LEFT_UPPER_LOBE, RIGHT_LOWER_LOBE, RIGHT_UPPER_LOBE
from builder.consolidation import Patch
from builder.develop import Look, Marker
from builder.projection import Acquisition


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One radiograph to make: how it is taken and developed, and what is painted into the chest first."""

    seed: int
    acquisition: Acquisition
    look: Look
    patches: tuple[Patch, ...] = ()
    keep_mass: bool = False


CLEAR_1 = Picture(
    seed=101,
    acquisition=Acquisition(rows=760, columns=800, pixel_mm=0.395, aim_mm=(0, 8)),
    look=Look(shutter=(0.015, 0.02, 0.02, 0.015), marker=Marker("R", (0.06, 0.07), 0.045)),
)
CLEAR_2 = Picture(
    seed=102,
    acquisition=Acquisition(rows=660, columns=680, pixel_mm=0.455, aim_mm=(-3, 6), rotation=-1.2),
    look=Look(
        contrast=3.5, brightness=-0.02, shutter=(0.0, 0.03, 0.0, 0.03), marker=Marker("L", (0.9, 0.06))
    ),
)
CLEAR_3 = Picture(
    seed=103,
    acquisition=Acquisition(
        rows=660, columns=640, pixel_mm=0.48, aim_mm=(4, 5), rotation=0.8, stretch=(0.97, 1.08)
    ),
    look=Look(noise=6e-5, shutter=(0.03, 0.01, 0.03, 0.0), marker=Marker("R", (0.08, 0.82))),
)
LATERAL = Picture(
    seed=104,
    acquisition=Acquisition(
        view="LL", rows=720, columns=700, pixel_mm=0.43, aim_mm=(0, 6), stretch=(1, 1.08)
    ),
    look=Look(
        contrast=4.0,
        brightness=-0.08,
        rest_gain=0.4,
        shutter=(0.02, 0.01, 0.02, 0.01),
        marker=Marker("L", (0.06, 0.07)),
    ),
)
CLEAR_4 = Picture(
    seed=105,
    acquisition=Acquisition(rows=640, columns=640, pixel_mm=0.48, aim_mm=(0, 6), rotation=1.5),
    look=Look(marker=Marker("R", (0.06, 0.06))),
)
CLEAR_5 = Picture(
    seed=106,
    acquisition=Acquisition(rows=720, columns=760, pixel_mm=0.41, aim_mm=(2, 8), stretch=(1.02, 1.04)),
    look=Look(contrast=3.0, marker=Marker("L", (0.88, 0.07))),
)
MASS = Picture(
    seed=107,
    keep_mass=True,
    acquisition=Acquisition(rows=720, columns=740, pixel_mm=0.42, aim_mm=(0, 7), rotation=-0.6),
    look=Look(contrast=3.4, shutter=(0.02, 0.02, 0.0, 0.0), marker=Marker("R", (0.05, 0.06), 0.06)),
)
RIGHT_LOWER = Picture(
    seed=201,
    acquisition=Acquisition(rows=780, columns=800, pixel_mm=0.4, aim_mm=(-2, 6), rotation=1.0),
    look=Look(shutter=(0.02, 0.0, 0.02, 0.02), marker=Marker("R", (0.05, 0.05), 0.045)),
    patches=(Patch(RIGHT_LOWER_LOBE, (0.45, 0.5, 0.52), (62, 65, 52), 0.9),),
)
LEFT_LOWER = Picture(
    seed=202,
    acquisition=Acquisition(
        rows=740, columns=760, pixel_mm=0.415, aim_mm=(3, 6), rotation=-1.6, stretch=(1, 1.04)
    ),
    look=Look(contrast=3.4, brightness=-0.02, marker=Marker("L", (0.88, 0.06))),
    patches=(Patch(LEFT_LOWER_LOBE, (0.62, 0.4, 0.42), (80, 90, 62), 1.0),),
)
RIGHT_UPPER = Picture(
    seed=203,
    acquisition=Acquisition(rows=760, columns=780, pixel_mm=0.405, aim_mm=(0, 8), rotation=0.5),
    look=Look(contrast=3.3, shutter=(0.01, 0.02, 0.03, 0.02), marker=Marker("R", (0.06, 0.85))),
    patches=(Patch(RIGHT_UPPER_LOBE, (0.35, 0.5, 0.35), (48, 60, 42), 0.7),),
)
BILATERAL = Picture(
    seed=204,
    acquisition=Acquisition(
        view="AP",
        rows=760,
        columns=860,
        pixel_mm=0.41,
        aim_mm=(-4, 4),
        rotation=2.0,
        stretch=(1.02, 0.98),
        source_mm=1100,
    ),
    look=Look(
        noise=8e-5, contrast=3.0, shutter=(0.0, 0.015, 0.0, 0.0), marker=Marker("L", (0.9, 0.05), 0.06)
    ),
    patches=(
        Patch(RIGHT_UPPER_LOBE, (0.35, 0.4, 0.3), (36, 45, 28), 0.6),
        Patch(RIGHT_LOWER_LOBE, (0.35, 0.5, 0.55), (42, 55, 36), 0.75),
        Patch(LEFT_UPPER_LOBE, (0.7, 0.45, 0.5), (32, 45, 30), 0.55),
        Patch(LEFT_LOWER_LOBE, (0.65, 0.5, 0.5), (40, 50, 36), 0.75),
    ),
)
