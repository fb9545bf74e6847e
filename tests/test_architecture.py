"""The five rules of ARCHITECTURE.md and the house rules, held against the source itself."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "genasset"
TESTS = Path(__file__).parent
GENERATED = "genasset.db.migrations.versions."

VERBS = ("assets", "workspaces", "recipes", "collect", "library")
STORES = ("db", "blobs", "images")
FACES = ("api", "app", "cli", "serve", "client", "mcp", "gallery")
LIGHT = ("model", "errors", "wire", "shapes", "client", "signing")
LIGHT_PACKAGES = {"msgspec", "httpx2"}

BROAD = {"genasset.images.decode"}  # the decoder boundary
MORE_THAN_ONE_TRANSACTION = {
    "genasset.workspaces.secrets.signing_key",  # looks before it writes, at start-up
    "genasset.collect._delete_unreferenced",  # one transaction a batch, so that saves never wait long
}
FORBIDDEN = {"util", "utils", "helper", "helpers", "common", "core", "base", "manager", "service", "repository"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def imports(name: str) -> set[str]:
    """Full names of all that a module imports, wherever in it, but for the type checker alone."""
    found: set[str] = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            assert node.module
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def inner_imports(name: str) -> set[str]:
    """The modules of ours that a module imports."""
    found = set()
    for target in imports(name):
        while target and target not in MODULES:
            target = target.rpartition(".")[0]
        if target:
            found.add(target)
    return found - {name}


def part(module: str) -> str:
    """What of the program a module belongs to: `assets` for genasset.assets.save."""
    return module.split(".")[1] if "." in module else ""


def reached(start: str) -> set[str]:
    """Everything of ours that an import of the module brings along."""
    seen, new = set[str](), {start}
    while new:
        seen |= new
        new = {target for name in new for target in inner_imports(name)} - seen
    return seen


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def test_verbs_and_stores_never_import_faces() -> None:
    broken = [
        (name, target)
        for name in MODULES
        if part(name) in VERBS + STORES
        for target in inner_imports(name)
        if part(target) in FACES
    ]
    assert broken == []
    assert any(part(name) in VERBS for name in MODULES)


def test_stores_know_nothing_of_verbs() -> None:
    broken = [
        (name, target)
        for name in MODULES
        if part(name) in STORES
        for target in inner_imports(name)
        if part(target) in VERBS
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("face", "others"),
    [
        ("api", {"app", "cli", "serve", "client", "mcp", "gallery"}),
        ("cli", {"api", "app", "client", "mcp", "gallery"}),
        ("client", {"api", "app", "cli", "serve", "mcp", "gallery"}),
    ],
)
def test_faces_never_import_each_other(face: str, others: set[str]) -> None:
    names = [name for name in MODULES if part(name) == face]
    assert names
    assert [(name, target) for name in names for target in inner_imports(name) if part(target) in others] == []


def test_only_app_knows_the_faces() -> None:
    knowing = {name for name in MODULES if part(name) != "api" and any(part(to) == "api" for to in inner_imports(name))}
    assert knowing == {"genasset.app"}


@pytest.mark.parametrize("name", LIGHT)
def test_nouns_and_client_bring_nothing_of_the_server(name: str) -> None:
    brought = reached(f"genasset.{name}")
    assert {part(module) for module in brought} - {""} <= set(LIGHT)
    packages = {target.split(".")[0] for module in brought for target in imports(module)} - {"genasset"}
    assert packages - set(sys.stdlib_module_names) <= LIGHT_PACKAGES


def opens_transaction(node: ast.AST) -> bool:
    """Whether a node is a call such as library.db.write()."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("read", "write", "glance")
        and isinstance(node.func.value, ast.Attribute | ast.Name)
        and (node.func.value.attr if isinstance(node.func.value, ast.Attribute) else node.func.value.id) == "db"
    )


VERB_FUNCTIONS = {
    f"{name}.{function.name}": function
    for name in MODULES
    if part(name) in VERBS
    for function in functions(TREES[name])
}
OPENERS = {name for name, function in VERB_FUNCTIONS.items() if any(map(opens_transaction, ast.walk(function)))}


def called(node: ast.AST) -> set[str]:
    """Bare names that are called anywhere in a node."""
    calls = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def test_a_verb_opens_at_most_one_transaction() -> None:
    assert len(OPENERS) > 10
    twice = {name for name in OPENERS if sum(map(opens_transaction, ast.walk(VERB_FUNCTIONS[name]))) > 1}
    assert twice - MORE_THAN_ONE_TRANSACTION == set()


def test_what_takes_a_transaction_opens_none() -> None:
    names = {name.rpartition(".")[2] for name in OPENERS}
    takers = {name: one for name, one in VERB_FUNCTIONS.items() if "tx" in [argument.arg for argument in one.args.args]}
    assert len(takers) > 20
    assert set(takers) & OPENERS == set()
    assert [name for name, function in takers.items() if called(function) & names] == []


def transaction_blocks() -> Iterator[tuple[str, ast.With]]:
    for name in MODULES:
        for node in ast.walk(TREES[name]):
            if isinstance(node, ast.With) and any(opens_transaction(item.context_expr) for item in node.items):
                yield name, node


def test_no_transaction_is_opened_inside_another() -> None:
    names = {name.rpartition(".")[2] for name in OPENERS}
    blocks = list(transaction_blocks())
    assert len(blocks) > 15
    for name, block in blocks:
        inner = [node for statement in block.body for node in ast.walk(statement)]
        assert not any(map(opens_transaction, inner)), f"{name}:{block.lineno}"
        assert not called(ast.Module(block.body, [])) & names, f"{name}:{block.lineno}"


def test_bytes_are_stored_before_a_transaction_opens() -> None:
    for name, block in transaction_blocks():
        attributes = {node.attr for node in ast.walk(block) if isinstance(node, ast.Attribute)}
        assert not attributes & {"put_file", "put_bytes", "identify", "preview"}, f"{name}:{block.lineno}"


def test_versions_are_inserted_and_never_updated() -> None:
    changed = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("update", "delete"):
                tables = [argument.id for argument in node.args if isinstance(argument, ast.Name)]
                changed += [(name, table) for table in tables if table in ("versions", "metadata_patches")]
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"\bUPDATE versions\b", node.value, re.IGNORECASE), name
    assert changed == []


def test_errors_become_answers_in_one_place() -> None:
    raised = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc and "HTTPException" in ast.unparse(node.exc)
    }
    assert raised == set()
    mapping = {name for name in MODULES if "ErrorAnswer" in {target.rpartition(".")[2] for target in imports(name)}}
    assert mapping <= {"genasset.api.answers", "genasset.api.transport", *(n for n in MODULES if ".openapi" in n)}


SOURCES = {name: path for name, path in MODULES.items() if not name.startswith(GENERATED)}


def test_no_file_is_longer_than_300_lines() -> None:
    files = [*SOURCES.values(), *TESTS.rglob("*.py")]
    long = {str(path): lines for path in files if (lines := len(path.read_text().splitlines())) > 300}
    assert long == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{name}.{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for name in SOURCES
        for function in functions(TREES[name])
    }
    assert {name: lines for name, lines in lengths.items() if lines > 40} == {}
    assert sum(lines <= 35 for lines in lengths.values()) >= 0.9 * len(lengths)


def test_broad_excepts_stand_only_where_they_are_meant_and_say_why() -> None:
    """One that raises again what it caught catches nothing."""
    found = {
        name: function
        for name, tree in TREES.items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type) and ast.unparse(node.body[-1]) != "raise"
    }
    assert set(found) <= BROAD
    assert all(ast.get_docstring(function) for function in found.values())


def is_broad(kind: ast.expr | None) -> bool:
    names = {node.id for node in ast.walk(kind) if isinstance(node, ast.Name)} if kind else {"BaseException"}
    return bool(names & {"Exception", "BaseException"})


def test_nothing_has_a_name_that_says_nothing() -> None:
    named = [*(name.rpartition(".")[2] for name in MODULES)]
    for tree in TREES.values():
        named += [node.name for node in ast.walk(tree) if isinstance(node, Function | ast.ClassDef)]
    words = {name: set(re.findall("[a-z]+", re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower())) for name in named}
    assert [name for name, parts in words.items() if parts & FORBIDDEN] == []


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_public_says_what_it_does(name: str) -> None:
    tree = TREES[name]
    assert ast.get_docstring(tree), f"{name} has no docstring"
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            said = ast.get_docstring(node)
            assert said, f"{name}.{node.name} has no docstring"
            assert said[0].isupper() or not said[0].isalpha(), f"{name}.{node.name}: {said[:40]}"
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            silent = [one.name for one in node.body if isinstance(one, Function) and is_silent(one)]
            silent = [] if inherits(node) else silent
            assert silent == [] or "see `genasset." in (ast.get_docstring(node) or ""), f"{name}.{node.name}: {silent}"


def is_silent(method: Function) -> bool:
    return not method.name.startswith("_") and not ast.get_docstring(method)


def inherits(kind: ast.ClassDef) -> bool:
    """Whether its methods may be those of a library's class, which says what they do."""
    bases = {ast.unparse(base).partition("[")[0] for base in kind.bases}
    return bool(bases - {"Struct", "Protocol", "Exception"})


def test_no_folder_holds_a_single_module() -> None:
    folders = {path.parent for path in SOURCES.values()}
    lonely = [folder.name for folder in folders if len(list(folder.glob("*.py"))) < 2]
    assert lonely == []
