"""Colour maths for the tests of the palette: contrast, distance, and sight without one kind of cone.

contrast    (lighter + 0.05) / (darker + 0.05) of relative luminances: WCAG 2.2, definitions of contrast ratio and
            relative luminance
distance    Euclidean distance in CIE L*a*b* under D65 (CIE 1976, "CIE76"); about 2.3 is just noticeable
deutan, protan   Viénot, Brettel & Mollon 1999, Digital video colourmaps for checking the legibility of displays by
            dichromats, Color Research & Application 24(4), 243-252: RGB to LMS and the reduced LMS of a dichromat
deutan, protan, tritan   Machado, Oliveira & Fernandes 2009, A physiologically-based model for simulation of color
            vision deficiency, IEEE TVCG 15(6), 1291-1298: matrices of linear RGB at severity 1.0
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

# sRGB (IEC 61966-2-1) to CIE XYZ, and the white point D65.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ.sum(axis=1)

# Viénot et al. 1999, equations 4 to 6.
TO_LMS = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
WITHOUT_L = np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]])
WITHOUT_M = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])

# Machado et al. 2009, table 1, severity 1.0.
MACHADO = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}

SIGHTS: dict[str, np.ndarray] = {
    "normal": np.eye(3),
    "protan (Viénot)": np.linalg.inv(TO_LMS) @ WITHOUT_L @ TO_LMS,
    "deutan (Viénot)": np.linalg.inv(TO_LMS) @ WITHOUT_M @ TO_LMS,
    **{f"{name} (Machado)": np.array(matrix) for name, matrix in MACHADO.items()},
}


def rgb(colour: str) -> np.ndarray:
    """`#RRGGBB` as three numbers of 0 to 1."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def linear(colour: str) -> np.ndarray:
    """Light of the three primaries, without the curve of sRGB."""
    value = rgb(colour)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Relative luminance, 0 black to 1 white."""
    return float(linear(colour) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB."""
    ratio = TO_XYZ @ light / WHITE
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def seen(colour: str, sight: str) -> np.ndarray:
    """CIE L*a*b* of a colour as an eye of `sight` sees it."""
    return lab(np.clip(SIGHTS[sight] @ linear(colour), 0, 1))


def distance(one: str, other: str, sight: str = "normal") -> float:
    """CIE76 distance of two colours."""
    return float(np.linalg.norm(seen(one, sight) - seen(other, sight)))


def smallest_distance(colours: tuple[str, ...], sight: str) -> float:
    """Distance of the two colours that are hardest to tell apart."""
    return min(distance(one, other, sight) for one, other in combinations(colours, 2))


def lightness(colour: str) -> float:
    """L*, 0 black to 100 white."""
    return float(lab(linear(colour))[0])


def hue(colour: str) -> float:
    """Angle of the hue in a*b*, in degrees."""
    _, a, b = lab(linear(colour))
    return float(np.degrees(np.arctan2(b, a)) % 360)
