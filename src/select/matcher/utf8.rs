//! Alertmanager's UTF-8 parser (`matcher/parse` of 0.34).
//!
//! Names and values may be of any script; those with reserved characters are quoted. One pair of
//! braces may enclose all matchers.

use super::token::{Located, Token, Tokenizer};
use super::{MatchType, Matcher, MatcherError, MatcherFault};

const OPERATOR: &str = "an operator (=, !=, =~ or !~)";

/// Parses a text; an empty one gives no matchers.
pub(super) fn parse(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let mut tokenizer = Tokenizer::new(text);
    let mut parser = Parser { text, next: tokenizer.next()?, tokenizer };
    parser.matchers()
}

struct Parser<'t> {
    text: &'t str,
    tokenizer: Tokenizer<'t>,
    /// The token that comes next; `None` at the end.
    next: Option<Located>,
}

impl Parser<'_> {
    fn matchers(&mut self) -> Result<Vec<Matcher>, MatcherError> {
        let braces = self.eat(&Token::OpenBrace)?;
        let mut matchers = Vec::new();
        while matches!(self.token(), Some(Token::Text(_))) {
            matchers.push(self.matcher()?);
            // A comma may follow the last matcher too.
            if !self.eat(&Token::Comma)? {
                break;
            }
        }
        if braces && !self.eat(&Token::CloseBrace)? {
            let after = if matchers.is_empty() { "a label or }" } else { "a comma or }" };
            return Err(self.expected(after));
        }
        match self.next {
            None => Ok(matchers),
            Some(_) if braces => Err(self.expected("the end")),
            Some(_) if matchers.is_empty() => Err(self.expected("a label")),
            Some(_) => Err(self.expected("a comma or the end (a value with spaces needs quotes)")),
        }
    }

    fn matcher(&mut self) -> Result<Matcher, MatcherError> {
        let label = self.text("a label")?;
        let match_type = self.match_type()?;
        let start = self.offset();
        let value = self.text("a value (an empty one is \"\")")?;
        Matcher::new(label, match_type, value)
            .map_err(|error| MatcherError::at(self.text, start, error.into()))
    }

    fn text(&mut self, expected: &'static str) -> Result<String, MatcherError> {
        match self.next.take() {
            Some(Located { token: Token::Text(text), .. }) => {
                self.next = self.tokenizer.next()?;
                Ok(text)
            }
            other => {
                self.next = other;
                Err(self.expected(expected))
            }
        }
    }

    fn match_type(&mut self) -> Result<MatchType, MatcherError> {
        let Some(&Token::MatchType(match_type)) = self.token() else {
            return Err(self.expected(OPERATOR));
        };
        self.next = self.tokenizer.next()?;
        Ok(match_type)
    }

    fn eat(&mut self, wanted: &Token) -> Result<bool, MatcherError> {
        let found = self.token() == Some(wanted);
        if found {
            self.next = self.tokenizer.next()?;
        }
        Ok(found)
    }

    fn token(&self) -> Option<&Token> {
        self.next.as_ref().map(|next| &next.token)
    }

    fn offset(&self) -> usize {
        self.next.as_ref().map_or(self.text.len(), |next| next.start)
    }

    /// An error that names the next token.
    fn expected(&self, expected: &'static str) -> MatcherError {
        let found = match &self.next {
            Some(next) => self.text[next.start..next.end].to_owned(),
            None => "the end".to_owned(),
        };
        MatcherError::at(self.text, self.offset(), MatcherFault::Expected { expected, found })
    }
}
