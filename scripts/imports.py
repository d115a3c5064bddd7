"""The import graph of each package, between its files and between its modules: numbers of nodes, imports and levels.

    make imports                                      of this tree
    .venv/bin/python scripts/imports.py FOLDER        of another, such as an older checkout

A module is a folder or file directly in a package; the imports of each are listed. The number of levels is the length
of the longest path of imports.
"""

import sys
from pathlib import Path

import grimp

PACKAGES = ("function", "training", "infra", "benchmarks")

Imports = set[tuple[str, str]]


def nodes_and_imports(graph: grimp.ImportGraph) -> tuple[set[str], Imports]:
    """The modules that import, are imported, or have no submodules; and which imports which."""
    pairs = ((one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one))
    imports = {(one, other) for one, other in pairs if one != other}  # a module may import from itself
    folders = {module.rpartition(".")[0] for module in graph.modules}
    return (graph.modules - folders) | {node for one_import in imports for node in one_import}, imports


def levels(nodes: set[str], imports: Imports) -> int:
    """The number of nodes on the longest path; nodes in cycles are ignored."""
    height: dict[str, int] = {}
    while ready := [
        node for node in nodes - height.keys() if all(low in height for top, low in imports if top == node)
    ]:
        for node in ready:
            height[node] = 1 + max((height[low] for top, low in imports if top == node), default=0)
    return max(height.values(), default=0)


def describe(package: str) -> list[str]:
    """The lines about `package`: its files, its modules, and the imports of each module."""
    graph = grimp.build_graph(package, cache_dir=None)
    files, between_files = nodes_and_imports(graph)
    for module in graph.find_children(package):
        graph.squash_module(module)
    modules, between_modules = nodes_and_imports(graph)
    lines = [
        f"{package:<12} {kind:<8} {len(nodes):>6} {len(imports):>7} {levels(nodes, imports):>7}"
        for kind, nodes, imports in (("files", files, between_files), ("modules", modules, between_modules))
    ]
    for module in sorted(modules):
        below = sorted(low.rpartition(".")[2] for top, low in between_modules if top == module)
        lines.append(f"    {module.rpartition('.')[2]}" + (f" -> {', '.join(below)}" if below else ""))
    return lines


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1])
    sys.path.insert(0, str(root.resolve()))
    print(f"{'':<21} {'nodes':>6} {'imports':>7} {'levels':>7}")
    for package in PACKAGES:
        print(*describe(package), sep="\n")


if __name__ == "__main__":
    main()
