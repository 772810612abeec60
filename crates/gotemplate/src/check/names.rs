//! What the source of a template says without its data: which variables it assigns, and whether a
//! condition asks for a type.

use std::collections::HashSet;

use crate::node::{List, Node, Operand, Pipe};

/// sprig's functions that tell a value's type.
const TYPE_TESTS: [&str; 5] = ["typeOf", "typeIs", "typeIsLike", "kindOf", "kindIs"];

/// Adds the numbers of the variables that get another value than they were declared with.
pub(super) fn assigned(list: &List, numbers: &mut HashSet<u32>) {
    for node in &list.nodes {
        match node {
            Node::Action(pipe) => add(pipe, numbers),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                add(&branch.pipe, numbers);
                assigned(&branch.list, numbers);
                branch.otherwise.iter().for_each(|list| assigned(list, numbers));
            }
            Node::Template(call) => call.pipe.iter().for_each(|pipe| add(pipe, numbers)),
            Node::Text(_) | Node::Break { .. } | Node::Continue { .. } => {}
        }
    }
}

fn add(pipe: &Pipe, numbers: &mut HashSet<u32>) {
    if pipe.assigns {
        numbers.extend(pipe.variables.iter().map(|variable| variable.id));
    }
    for operand in operands(pipe) {
        if let Some(inner) = inner(operand) {
            add(inner, numbers);
        }
    }
}

/// Whether a condition asks what type a value has, so that its branch knows more of it than is known
/// here.
pub(super) fn asks_for_type(pipe: &Pipe) -> bool {
    operands(pipe).any(|operand| match operand {
        Operand::Identifier(identifier) => TYPE_TESTS.contains(&identifier.function.name()),
        Operand::Text(literal) => literal.quoted.contains("%T"),
        other => inner(other).is_some_and(asks_for_type),
    })
}

fn operands(pipe: &Pipe) -> impl Iterator<Item = &Operand> {
    pipe.commands.iter().flat_map(|command| &command.operands)
}

/// The pipeline in parentheses that an operand is, or begins with.
fn inner(operand: &Operand) -> Option<&Pipe> {
    match operand {
        Operand::Pipe(pipe) => Some(pipe),
        Operand::Chain(chain) => inner(&chain.of),
        _ => None,
    }
}
