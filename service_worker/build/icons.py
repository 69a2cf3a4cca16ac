"""Makes the icon sprite (one SVG of symbols) and the app's icons (PNG) from SVG drawings.

Only our own SVG is in git; the icon set comes from npm when the build runs.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageDraw

APP_ICON_SIZES = (180, 192, 512)  # Apple's touch icon, then the two that a manifest must have
OVERSAMPLING = 4  # Pillow draws without anti-aliasing; draw larger, then shrink

_SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_VIEW_BOX = re.compile(r'viewBox="([^"]+)"')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def sprite(names: list[str], own: Path, library: Path) -> str:
    """Return one SVG with a symbol a name: our own drawing if there is one, else the library's.

    Raise LookupError for a name that neither has.
    """
    symbols = []
    for name in names:
        path = own / f"{name}.svg"
        if not path.is_file():
            path = library / f"{name}.svg"
        if not path.is_file():
            raise LookupError(f"web/icons/names.txt asks for “{name}”, which the icon set lacks.")
        symbols.append(_symbol(name, path.read_text("utf-8")))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def names_in(own: Path) -> list[str]:
    """Return the names in names.txt (`#` begins a comment) and of our own drawings, sorted."""
    listing = (own / "names.txt").read_text("utf-8")
    listed = (line.partition("#")[0].strip() for line in listing.splitlines())
    drawn = (path.stem for path in own.glob("*.svg") if path.stem != "app")
    return sorted({name for name in listed if name} | set(drawn))


def app_icon(drawing: Path, size: int) -> Image.Image:
    """Draw web/icons/app.svg at size × size pixels. It may use rect, circle and polyline only."""
    root = ElementTree.parse(drawing).getroot()  # noqa: S314 - our own file
    scale = size * OVERSAMPLING / float(root.attrib["viewBox"].split()[2])
    image = Image.new("RGBA", (size * OVERSAMPLING, size * OVERSAMPLING))
    pen = ImageDraw.Draw(image)
    for shape in root:
        tag = shape.tag.rpartition("}")[2]
        if tag == "rect":
            _rectangle(pen, shape, scale)
        elif tag == "circle":
            _disc(pen, shape, scale)
        elif tag == "polyline":
            _polyline(pen, shape, scale)
        else:
            raise ValueError(f"app.svg uses <{tag}>, which the build cannot draw.")
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _symbol(name: str, svg: str) -> str:
    body, box = _SVG.search(svg), _VIEW_BOX.search(svg)
    if body is None or box is None:
        raise ValueError(f"The icon “{name}” is no SVG with a viewBox.")
    inner = re.sub(r"\s*\n\s*", "", _COMMENT.sub("", body[1]))
    return f'<symbol id="{name}" viewBox="{box[1]}">{inner}</symbol>'


def _rectangle(pen: ImageDraw.ImageDraw, shape: ElementTree.Element, scale: float) -> None:
    x, y, width, height, radius = (
        scale * float(shape.attrib.get(at, 0)) for at in ("x", "y", "width", "height", "rx")
    )
    box = (x, y, x + width - 1, y + height - 1)
    pen.rounded_rectangle(box, radius, fill=shape.attrib["fill"])


def _disc(pen: ImageDraw.ImageDraw, shape: ElementTree.Element, scale: float) -> None:
    x, y, radius = (scale * float(shape.attrib[at]) for at in ("cx", "cy", "r"))
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shape.attrib["fill"])


def _polyline(pen: ImageDraw.ImageDraw, shape: ElementTree.Element, scale: float) -> None:
    """Draw a line with round joints and ends: a thick line, and a disc at every point."""
    numbers = [scale * float(number) for number in re.findall(r"[\d.]+", shape.attrib["points"])]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    width, colour = scale * float(shape.attrib["stroke-width"]), shape.attrib["stroke"]
    pen.line(points, fill=colour, width=round(width))
    for x, y in points:
        box = (x - width / 2, y - width / 2, x + width / 2, y + width / 2)
        pen.ellipse(box, fill=colour)
