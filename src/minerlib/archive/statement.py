"""What a query is: one statement that only reads, and the tables that it names."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb

from minerlib.errors import SettingError

_READING = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_FUNCTIONS = {"unnest", "range", "generate_series", "json_each", "json_tree", "repeat", "repeat_row"}  # as tables
_EXPLAIN = re.compile(r"\s*explain(\s+analyze)?\s", re.IGNORECASE)
_Node = dict[str, Any]


class Named(NamedTuple):
    """A table that a query names, and whether it does so in quotes everywhere."""

    name: str
    quoted: bool


def tables_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[Named]:
    """The tables that a query names, those it makes itself aside.

    Raises SettingError where it is not one statement that only reads, and what DuckDB says where it cannot be parsed.
    """
    plain = _reading(connection, query)
    said = connection.execute("select json_serialize_sql($1::varchar)", [plain]).fetchall()
    tree = json.loads(said[0][0])
    if tree.get("error"):
        raise _refused("EXPLAIN of what does more than read")
    found: dict[str, bool] = {}
    for node, own in _nodes(tree):
        type_ = str(node.get("type", ""))
        if type_.endswith("_NODE") and type_ not in _READING:
            raise _refused(type_.removesuffix("_NODE").removesuffix("_QUERY"))
        if node.get("show_type") == "SHOW_SPECIAL":
            raise SettingError(
                "There is no show: archive.kinds() says what there is, archive.schema(kind) more of one."
            )
        if type_ == "TABLE_FUNCTION" and (called := node["function"]["function_name"].lower()) not in _FUNCTIONS:
            raise SettingError(f"{called}() is refused: a query reads the kinds of the archive, and no other file.")
        if type_ == "BASE_TABLE":
            path = node["qualified_name"]["path"]
            if len(path) > 1:
                raise SettingError(
                    f'{".".join(path)} must stand in quotes, or with underscores: write "{".".join(path)}" or'
                    f" {'_'.join(path)}."
                )
            at = int(node["query_location"])
            quoted = plain.encode()[at : at + 1] == b'"'
            if path[0].lower() not in own:
                found[path[0]] = quoted and found.get(path[0], True)
    return [Named(name, quoted) for name, quoted in found.items()]


def _reading(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The select in a query, of which an `explain` may ask how it would be answered."""
    statements = connection.extract_statements(query)
    if not statements:
        raise SettingError(
            "The query is empty: write, for example, select source, max(used) from disk_usage group by source."
        )
    if len(statements) > 1:
        raise SettingError(f"The query holds {len(statements)} statements: ask one at a time.")
    type_ = statements[0].type
    if type_ == duckdb.StatementType.EXPLAIN and (explain := _EXPLAIN.match(query)):
        return query[explain.end() :]
    if type_ == duckdb.StatementType.MULTI:
        raise SettingError("A pivot must name its values: pivot ... on source in ('web-1', 'web-2') using max(used).")
    if type_ != duckdb.StatementType.SELECT:
        raise _refused(type_.name)
    return query


def _nodes(tree: _Node) -> Iterator[tuple[_Node, frozenset[str]]]:
    """All objects in a parse tree, each with the names that `with` gives to others' results there."""
    todo: list[tuple[Any, frozenset[str]]] = [(tree, frozenset())]
    while todo:
        node, own = todo.pop()
        if isinstance(node, list):
            todo += [(each, own) for each in node]
        elif isinstance(node, dict):
            for entry in node.get("cte_map", {}).get("map", []):
                name, value = entry["key"].lower(), entry["value"]
                recursive = value["query_node"]["type"] == "RECURSIVE_CTE_NODE"
                todo.append((value, own | {name} if recursive else own))
                own |= {name}
            yield node, own
            todo += [(value, own) for key, value in node.items() if key != "cte_map"]


def _refused(what: str) -> SettingError:
    return SettingError(f"{what.replace('_', ' ')} is refused: a query only reads; write a select.")
