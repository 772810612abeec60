//! Actions that are no pipelines: branches, calls of templates, ends.

use super::{Ended, Item, Parsed, Parser, Scope};
use crate::lex::{Kind, Token};
use crate::node::{Branch, Call, List, Node};

/// The three branches, which differ in what may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    With,
    Range,
}

impl Control {
    const fn word(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::With => "with",
            Self::Range => "range",
        }
    }

    fn node(self, branch: Branch) -> Node {
        let branch = Box::new(branch);
        match self {
            Self::If => Node::If(branch),
            Self::With => Node::With(branch),
            Self::Range => Node::Range(branch),
        }
    }
}

impl<'s> Parser<'s> {
    pub(super) fn action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Block => self.block()?,
            Kind::Break => {
                self.jump("break")?;
                Node::Break { at: token.at }
            }
            Kind::Continue => {
                self.jump("continue")?;
                Node::Continue { at: token.at }
            }
            Kind::Else => {
                // What follows an else in its action is for the branch to say.
                if !matches!(self.peek_non_space(), Kind::If | Kind::With) {
                    self.expect(&[Kind::RightDelim], "else")?;
                }
                return Ok(Item::Ended(Ended::Else));
            }
            Kind::End => {
                self.expect(&[Kind::RightDelim], "end")?;
                return Ok(Item::Ended(Ended::End));
            }
            Kind::If => self.branch(Control::If)?,
            Kind::Range => self.branch(Control::Range)?,
            Kind::With => self.branch(Control::With)?,
            Kind::Template => self.template()?,
            _ => {
                self.unread(token);
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        };
        Ok(Item::Node(node))
    }

    fn jump(&mut self, word: &str) -> Parsed<()> {
        self.expect(&[Kind::RightDelim], &format!("{{{{{word}}}}}"))?;
        if self.scope.ranges == 0 {
            return Err(self.error(&format!("{{{{{word}}}}} outside {{{{range}}}}")));
        }
        Ok(())
    }

    fn branch(&mut self, control: Control) -> Parsed<Node> {
        let outer = self.scope.variables.len();
        let branch = self.nested(|parser| parser.branch_parts(control))?;
        self.scope.variables.truncate(outer);
        Ok(control.node(branch))
    }

    fn branch_parts(&mut self, control: Control) -> Parsed<Branch> {
        let pipe = self.pipeline(control.word(), Kind::RightDelim)?;
        let in_range = usize::from(control == Control::Range);
        self.scope.ranges += in_range;
        let (list, ended, _) = self.list()?;
        self.scope.ranges -= in_range;
        let otherwise = match ended {
            Ended::End => None,
            Ended::Else => Some(self.otherwise(control)?),
        };
        Ok(Branch { at: pipe.at, pipe, list, otherwise })
    }

    /// What stands behind an `else`; an `else if` is a branch of its own without an `end`.
    fn otherwise(&mut self, control: Control) -> Parsed<List> {
        let chained =
            matches!((control, self.peek()), (Control::If, Kind::If) | (Control::With, Kind::With));
        if chained {
            self.next();
            return Ok(List { nodes: vec![self.branch(control)?] });
        }
        let (list, ended, _) = self.list()?;
        match ended {
            Ended::End => Ok(list),
            Ended::Else => Err(self.error("expected end; found {{else}}")),
        }
    }

    /// `{{block "name" pipeline}}`: a definition, and its call.
    fn block(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        // The newest token is the delimiter that ends the pipeline.
        let (line, at) = (self.line, self.at);
        let outer = std::mem::replace(&mut self.scope, Scope::new());
        let (list, body) = self.body(CONTEXT, at + "}}".len(), Some((line, at)))?;
        self.add(&name, list, body)?;
        self.scope = outer;
        Ok(Node::Template(Box::new(Call { at: token.at, name, pipe: Some(pipe) })))
    }

    fn template(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let next = self.next_non_space();
        let pipe = if next.kind == Kind::RightDelim {
            None
        } else {
            self.unread(next);
            Some(self.pipeline(CONTEXT, Kind::RightDelim)?)
        };
        Ok(Node::Template(Box::new(Call { at: token.at, name, pipe })))
    }

    fn template_name(&mut self, token: &Token<'s>, context: &str) -> Parsed<String> {
        match token.kind {
            Kind::String | Kind::RawString => self.unquote(token),
            _ => Err(self.unexpected(token, context)),
        }
    }
}
