//! Reads templates: tokens to nodes, refusing what Go refuses.
//!
//! The parser calls itself for what nests; how deep is counted, so no source can exhaust the stack.

mod command;
mod control;
mod literal;
mod number;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::funcs::Functions;
use crate::lex::{Kind, Lexer, Names, Token};
use crate::limits::{Limits, Reached};
use crate::node::{List, Node, ROOT, Source, Tree};

/// Fails are rare and large; the way back is short when they are boxed.
type Parsed<T> = Result<T, Box<Error>>;

/// The templates that `text` defines, its own under `name` among them.
pub(crate) fn parse(
    name: &str,
    text: &str,
    functions: &Functions,
    limits: &Limits,
) -> Parsed<BTreeMap<String, Arc<Tree>>> {
    let source = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
    let names = Names {
        break_is_function: functions.get("break").is_some(),
        continue_is_function: functions.get("continue").is_some(),
    };
    let mut parser = Parser {
        lexer: Lexer::new(text, names),
        ahead: Vec::new(),
        line: 1,
        at: 0,
        functions,
        limits,
        source: &source,
        trees: BTreeMap::new(),
        names: HashMap::from([("$", ROOT)]),
        scope: Scope::new(),
        depth: 0,
    };
    parser.file(name)?;
    Ok(parser.trees)
}

struct Parser<'s> {
    lexer: Lexer<'s>,
    /// Tokens that were looked at, the next one last.
    ahead: Vec<Token<'s>>,
    /// Where the newest token stands: the place of errors.
    line: usize,
    at: usize,
    functions: &'s Functions,
    limits: &'s Limits,
    source: &'s Arc<Source>,
    trees: BTreeMap<String, Arc<Tree>>,
    /// The numbers of all variables' names.
    names: HashMap<&'s str, u32>,
    scope: Scope,
    /// How deep the parser is in what nests.
    depth: usize,
}

/// What belongs to one template.
struct Scope {
    /// Variables in scope, each with its dollar sign.
    variables: Vec<String>,
    ranges: usize,
    /// The line in which the action begins that is being read.
    action: Option<usize>,
}

impl Scope {
    fn new() -> Self {
        Self { variables: vec!["$".to_owned()], ranges: 0, action: None }
    }
}

/// How a list of nodes ended.
enum Ended {
    End,
    /// With where its `else` stands, and whether `if` or `with` follows at once.
    Else,
}

/// What an action is to the list that it stands in.
enum Item {
    Node(Node),
    Ended(Ended),
}

impl<'s> Parser<'s> {
    fn next(&mut self) -> Token<'s> {
        self.ahead.pop().unwrap_or_else(|| {
            let token = self.lexer.next();
            (self.line, self.at) = (token.line, token.at);
            token
        })
    }

    fn unread(&mut self, token: Token<'s>) {
        self.ahead.push(token);
    }

    fn peek(&mut self) -> Kind {
        let token = self.next();
        let kind = token.kind;
        self.unread(token);
        kind
    }

    fn next_non_space(&mut self) -> Token<'s> {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    /// The next token that is no space; the spaces before it are passed.
    fn peek_non_space(&mut self) -> Kind {
        let token = self.next_non_space();
        let kind = token.kind;
        self.unread(token);
        kind
    }

    fn expect(&mut self, kinds: &[Kind], context: &str) -> Parsed<Token<'s>> {
        let token = self.next_non_space();
        if kinds.contains(&token.kind) { Ok(token) } else { Err(self.unexpected(&token, context)) }
    }

    fn error(&self, words: &str) -> Box<Error> {
        self.error_of(ErrorKind::Parse, words)
    }

    fn error_of(&self, kind: ErrorKind, words: &str) -> Box<Error> {
        let (_, column) = self.source.place(self.at);
        Box::new(Error {
            kind,
            source: self.source.name.clone(),
            line: self.line,
            column: column + 1,
            words: words.into(),
            display: format!("template: {}:{}: {words}", self.source.name, self.line),
            fault: None,
        })
    }

    fn unexpected(&self, token: &Token<'s>, context: &str) -> Box<Error> {
        let Some(error) = &token.error else {
            return self.error(&format!("unexpected {} in {context}", token.show()));
        };
        let began = self.scope.action.filter(|line| *line != token.line);
        let extra = began.map_or(String::new(), |line| {
            // "unclosed action started at" rather than "action in action".
            let joint = if error.ends_with(" action") { "" } else { " in action" };
            format!("{joint} started at {}:{line}", self.source.name)
        });
        self.error(&format!("{error}{extra}"))
    }

    /// Counts one level of what nests, and leaves it when `read` is done.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let most = self.limits.parse_depth;
        if self.depth >= most {
            let reached = Reached::size("parse depth", most);
            let words = reached.to_string();
            return Err(self.error_of(ErrorKind::Limit(reached), &words));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// The whole source: definitions, and what stands between them.
    fn file(&mut self, name: &str) -> Parsed<()> {
        let mut root = List::default();
        while self.peek() != Kind::Eof {
            if self.peek() == Kind::LeftDelim {
                let delimiter = self.next();
                let token = self.next_non_space();
                if token.kind == Kind::Define {
                    self.definition()?;
                    continue;
                }
                self.unread(token);
                self.unread(delimiter);
            }
            match self.text_or_action()? {
                Item::Node(node) => root.nodes.push(node),
                Item::Ended(Ended::End) => return Err(self.error("unexpected {{end}}")),
                Item::Ended(Ended::Else) => return Err(self.error("unexpected {{else}}")),
            }
        }
        self.add(name, root, 0..self.source.text.len())
    }

    /// `{{define "name"}}`, up to its end.
    fn definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::replace(&mut self.scope, Scope::new());
        let token = self.expect(&[Kind::String, Kind::RawString], CONTEXT)?;
        let name = self.unquote(&token)?;
        let close = self.expect(&[Kind::RightDelim], CONTEXT)?;
        let (list, body) = self.body(CONTEXT, close.at + close.text.len(), None)?;
        self.add(&name, list, body)?;
        self.scope = outer;
        Ok(())
    }

    /// What a definition or a block holds, up to its end, and where in the source it is.
    ///
    /// Go reports an `else` that ends it at `place`, line and position, where one is given.
    fn body(
        &mut self,
        context: &str,
        from: usize,
        place: Option<(usize, usize)>,
    ) -> Parsed<(List, std::ops::Range<usize>)> {
        let (list, ended, end) = self.nested(Self::list)?;
        match ended {
            Ended::End => Ok((list, from..end)),
            Ended::Else => {
                (self.line, self.at) = place.unwrap_or((self.line, self.at));
                Err(self.error(&format!("unexpected {{{{else}}}} in {context}")))
            }
        }
    }

    /// Keeps a template; a second one of the same name only when one of both is empty.
    fn add(&mut self, name: &str, root: List, body: std::ops::Range<usize>) -> Parsed<()> {
        let known = self.trees.get(name).is_some_and(|tree| !tree.root.is_empty());
        if known && root.is_empty() {
            return Ok(());
        }
        if known {
            let shown = crate::fmt::quote(name.as_bytes());
            return Err(self.error(&format!("template: multiple definition of template {shown}")));
        }
        let tree = Tree { name: name.to_owned(), source: Arc::clone(self.source), root, body };
        self.trees.insert(name.to_owned(), Arc::new(tree));
        Ok(())
    }

    /// Nodes up to `end` or `else`, and where the action of that begins.
    fn list(&mut self) -> Parsed<(List, Ended, usize)> {
        let mut list = List::default();
        while self.peek_non_space() != Kind::Eof {
            let token = self.next_non_space();
            let begins = token.at;
            self.unread(token);
            match self.text_or_action()? {
                Item::Node(node) => list.nodes.push(node),
                Item::Ended(ended) => return Ok((list, ended, begins)),
            }
        }
        Err(self.error("unexpected EOF"))
    }

    fn text_or_action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(token.text.to_owned()))),
            Kind::LeftDelim => {
                self.scope.action = Some(token.line);
                let item = self.action();
                self.scope.action = None;
                item
            }
            _ => Err(self.unexpected(&token, "input")),
        }
    }
}
