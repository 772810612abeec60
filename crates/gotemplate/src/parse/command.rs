//! Pipelines, commands and their words.

use super::{Parsed, Parser, literal, number};
use crate::lex::{Kind, Token};
use crate::node::{Chain, Command, Field, Identifier, Literal, Operand, Pipe, Special, Variable};

impl<'s> Parser<'s> {
    /// A pipeline up to the token `end`, which is taken too.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        let token = self.next_non_space();
        let mut pipe =
            Pipe { at: token.at, assigns: false, variables: Vec::new(), commands: Vec::new() };
        self.unread(token);
        while self.declaration(context, &mut pipe)? {}
        loop {
            let token = self.next_non_space();
            if token.kind == end {
                self.check(&pipe, context)?;
                return Ok(pipe);
            }
            if !begins_operand(token.kind) {
                return Err(self.unexpected(&token, context));
            }
            self.unread(token);
            pipe.commands.push(self.command()?);
        }
    }

    /// One variable of a declaration or an assignment; whether another one may follow.
    fn declaration(&mut self, context: &str, pipe: &mut Pipe) -> Parsed<bool> {
        if self.peek_non_space() != Kind::Variable {
            return Ok(false);
        }
        let variable = self.next_non_space();
        // A space tells a variable that is an argument from one with a field, so it is kept.
        let mut next = self.next();
        let mut space = None;
        if next.kind == Kind::Space {
            space = Some(next);
            next = self.next_non_space();
        }
        if matches!(next.kind, Kind::Assign | Kind::Declare) {
            pipe.assigns = next.kind == Kind::Assign;
            self.declare(&variable, pipe);
            return Ok(false);
        }
        if next.kind == Kind::Char && next.text == "," {
            self.declare(&variable, pipe);
            if context != "range" || pipe.variables.len() >= 2 {
                return Err(self.error(&format!("too many declarations in {context}")));
            }
            let follows = self.peek_non_space();
            if !matches!(follows, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                return Err(self.error("range can only initialize variables"));
            }
            return Ok(true);
        }
        self.unread(next);
        if let Some(space) = space {
            self.unread(space);
        }
        self.unread(variable);
        Ok(false)
    }

    fn declare(&mut self, variable: &Token<'s>, pipe: &mut Pipe) {
        let declared = self.new_variable(variable);
        pipe.variables.push(declared);
        self.scope.variables.push(variable.text.to_owned());
    }

    fn check(&self, pipe: &Pipe, context: &str) -> Parsed<()> {
        if pipe.commands.is_empty() {
            return Err(self.error(&format!("missing value for {context}")));
        }
        // Only what can be called can be given a value.
        for (stage, command) in pipe.commands.iter().enumerate().skip(1) {
            if command.operands.first().is_some_and(Operand::is_constant) {
                let words = format!("non executable command in pipeline stage {}", stage + 1);
                return Err(self.error(&words));
            }
        }
        Ok(())
    }

    /// Words up to a `|`, which is taken, or to the end of the pipeline.
    fn command(&mut self) -> Parsed<Command> {
        let first = self.next_non_space();
        let mut command = Command { at: first.at, operands: Vec::new() };
        self.unread(first);
        loop {
            self.peek_non_space();
            command.operands.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.unread(token),
                Kind::Pipe => {}
                _ => return Err(self.unexpected(&token, "operand")),
            }
            break;
        }
        if command.operands.is_empty() {
            return Err(self.error("empty command"));
        }
        Ok(command)
    }

    /// A word with the fields that are written at it.
    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let Some(term) = self.term()? else { return Ok(None) };
        if self.peek() != Kind::Field {
            return Ok(Some(term));
        }
        let first = self.next();
        let at = first.at;
        let mut names = vec![field_name(&first)];
        while self.peek() == Kind::Field {
            names.push(field_name(&self.next()));
        }
        Ok(Some(match term {
            Operand::Field(mut field) => {
                field.at = at;
                field.names.append(&mut names);
                Operand::Field(field)
            }
            Operand::Variable(mut variable) => {
                variable.at = at;
                variable.fields.append(&mut names);
                Operand::Variable(variable)
            }
            of if of.is_constant() => {
                let shown = crate::fmt::quote(of.to_string().as_bytes());
                return Err(self.error(&format!("unexpected . after term {shown}")));
            }
            of => Operand::Chain(Box::new(Chain { at, of, names })),
        }))
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let token = self.next_non_space();
        let at = token.at;
        Ok(Some(match token.kind {
            Kind::Identifier => self.identifier(&token)?,
            Kind::Dot => Operand::Dot { at },
            Kind::Nil => Operand::Nil { at },
            Kind::Variable => self.variable(&token)?,
            Kind::Field => Operand::Field(Field { at, names: vec![field_name(&token)] }),
            Kind::Bool => Operand::Bool { at, value: token.text == "true" },
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let number = number::read(at, token.text, token.kind);
                Operand::Number(Box::new(number.map_err(|words| self.error(&words))?))
            }
            Kind::LeftParen => {
                let read =
                    |parser: &mut Self| parser.pipeline("parenthesized pipeline", Kind::RightParen);
                Operand::Pipe(Box::new(self.nested(read)?))
            }
            Kind::String | Kind::RawString => {
                let text = literal::unquote(token.text).map_err(|words| self.error(words))?;
                Operand::Text(Box::new(Literal::new(at, token.text, text)))
            }
            _ => {
                self.unread(token);
                return Ok(None);
            }
        }))
    }

    fn identifier(&self, token: &Token<'s>) -> Parsed<Operand> {
        let name = token.text;
        let Some(function) = self.functions.get(name) else {
            let shown = crate::fmt::quote(name.as_bytes());
            let words = match self.functions.refusal(name) {
                Some(reason) => format!("function {shown} is refused: {reason}"),
                None => format!("function {shown} not defined"),
            };
            return Err(self.error(&words));
        };
        let special = match name {
            "and" => Special::And,
            "or" => Special::Or,
            "call" => Special::Call,
            "slice" => Special::Slice,
            "eq" => Special::Equal { negated: false },
            "ne" => Special::Equal { negated: true },
            _ => Special::None,
        };
        let special = if self.functions.is_builtin(name) { special } else { Special::None };
        Ok(Operand::Identifier(Box::new(Identifier { at: token.at, function: *function, special })))
    }

    fn variable(&mut self, token: &Token<'s>) -> Parsed<Operand> {
        if self.scope.variables.iter().any(|known| known == token.text) {
            return Ok(Operand::Variable(self.new_variable(token)));
        }
        let shown = crate::fmt::quote(token.text.as_bytes());
        let mut error = self.error(&format!("undefined variable {shown}"));
        // The parser has looked at the next token; who reads the error looks for the variable.
        let (line, column) = self.source.place(token.at);
        (error.line, error.column) = (line, column + 1);
        Err(error)
    }

    fn new_variable(&mut self, token: &Token<'s>) -> Variable {
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let id = *self.names.entry(token.text).or_insert(next);
        Variable { at: token.at, id, name: token.text.to_owned(), fields: Vec::new() }
    }

    pub(super) fn unquote(&self, token: &Token<'s>) -> Parsed<String> {
        let name = literal::unquote(token.text).map_err(|words| self.error(words))?;
        Ok(String::from_utf8_lossy(&name).into_owned())
    }
}

const fn begins_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Bool
            | Kind::CharConstant
            | Kind::Complex
            | Kind::Dot
            | Kind::Field
            | Kind::Identifier
            | Kind::Number
            | Kind::Nil
            | Kind::RawString
            | Kind::String
            | Kind::Variable
            | Kind::LeftParen
    )
}

/// The name behind the dot of a field.
fn field_name(token: &Token<'_>) -> String {
    token.text.get(1..).unwrap_or_default().to_owned()
}
