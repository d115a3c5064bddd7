"""The import graph: how many boxes and arrows each package has, file by file and room by room, and each room's arrows.

    make imports                                      of this tree
    .venv/bin/python scripts/imports.py FOLDER        of another, such as an older checkout

A room is what stands directly below a package: a folder, or a file. An arrow is "imports from"; the levels are the
boxes on the longest way along the arrows.
"""

import sys
from pathlib import Path

import grimp

PACKAGES = ("function", "training", "infra", "benchmarks")

Arrows = set[tuple[str, str]]


def boxes_and_arrows(graph: grimp.ImportGraph) -> tuple[set[str], Arrows]:
    """The modules that import or are imported, or that hold no others; and which imports which."""
    pairs = ((one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one))
    arrows = {(one, other) for one, other in pairs if one != other}  # a room imports from itself
    folders = {module.rpartition(".")[0] for module in graph.modules}
    return (graph.modules - folders) | {box for arrow in arrows for box in arrow}, arrows


def levels(boxes: set[str], arrows: Arrows) -> int:
    """How many boxes the longest way has; boxes that import in a circle are left out."""
    height: dict[str, int] = {}
    while ready := [box for box in boxes - height.keys() if all(low in height for top, low in arrows if top == box)]:
        for box in ready:
            height[box] = 1 + max((height[low] for top, low in arrows if top == box), default=0)
    return max(height.values(), default=0)


def describe(package: str) -> list[str]:
    """The package's lines: its files, its rooms, and what each room imports from."""
    graph = grimp.build_graph(package, cache_dir=None)
    files, between_files = boxes_and_arrows(graph)
    for room in graph.find_children(package):
        graph.squash_module(room)
    rooms, between_rooms = boxes_and_arrows(graph)
    lines = [
        f"{package:<12} {kind:<6} {len(boxes):>6} {len(arrows):>7} {levels(boxes, arrows):>7}"
        for kind, boxes, arrows in (("files", files, between_files), ("rooms", rooms, between_rooms))
    ]
    for room in sorted(rooms):
        below = sorted(low.rpartition(".")[2] for top, low in between_rooms if top == room)
        lines.append(f"    {room.rpartition('.')[2]}" + (f" -> {', '.join(below)}" if below else ""))
    return lines


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1])
    sys.path.insert(0, str(root.resolve()))
    print(f"{'':<19} {'boxes':>6} {'arrows':>7} {'levels':>7}")
    for package in PACKAGES:
        print(*describe(package), sep="\n")


if __name__ == "__main__":
    main()
