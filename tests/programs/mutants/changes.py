"""What a piece of a program could be by mistake."""

import ast
import re
from collections.abc import Iterator

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
DROPPING = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Mod)
"""Operators that lose an operand, as another operator would hardly be written by mistake."""
FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
TEXT = re.compile(r"==|!=|<=|>=|&&|\|\||(?<=[\w)] )[<>](?= [\w(])|!(?=\w|\()|\b[01]\b")
TEXTS = {"==": "!=", "!=": "==", "<=": "<", ">=": ">", "&&": "||", "||": "&&", "<": "<=", ">": ">=", "!": ""}
TEXTS |= {"0": "1", "1": "0"}
"""What is changed in the text of programs that emitters write."""


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:  # noqa: C901, PLR0912 (a table of kinds)
    """Yield what a node could be by mistake, each with its description, or without for "this becomes that"."""
    match node:
        case ast.Compare():
            for index, op in enumerate(node.ops):
                for other in COMPARISONS[type(op)]:
                    ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
                    yield "", ast.Compare(node.left, ops, node.comparators)
        case ast.BoolOp():
            yield "", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for index in range(len(node.values)):
                rest = node.values[:index] + node.values[index + 1 :]
                yield "", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.UnaryOp(op=ast.Not()):
            yield "", node.operand
        case ast.Constant(value=bool(value)):
            yield "", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield "", ast.Constant(value + 1)
            yield "", ast.Constant(value - 1)
        case ast.BinOp(op=ast.LShift(), right=ast.Constant(value=0)):
            pass  # to shift by 0 is the same either way
        case ast.BinOp() if type(node.op) in OPERATORS and not _is_text(node.left) and not _is_text(node.right):
            yield "", ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
        case ast.BinOp() if isinstance(node.op, DROPPING) and not _is_text(node.left):
            yield "", node.left
            if not isinstance(node.op, ast.Mod):
                yield "", node.right
        case ast.AugAssign() if type(node.op) in OPERATORS:
            yield "", ast.AugAssign(node.target, OPERATORS[type(node.op)](), node.value)
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            yield "", ast.Call(ast.Name(FUNCTIONS[name], ast.Load()), node.args, node.keywords)
        case ast.Slice():
            if node.lower:
                yield f"[{said(node)}] -> without its start", ast.Slice(None, node.upper, node.step)
            if node.upper:
                yield f"[{said(node)}] -> without its end", ast.Slice(node.lower, None, node.step)
        case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
            yield f"without {said(node)}", ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
        case ast.Expr(value=ast.Call()):
            yield f"without {said(node)}", ast.Pass()


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.Tuple | ast.List) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def said(node: ast.AST) -> str:
    """Return a node as source."""
    return ast.unparse(node)
