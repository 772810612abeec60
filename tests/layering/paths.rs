//! Every path that a file names, as it reads from the root of its crate.

use syn::visit::{self, Visit};
use syn::{
    Attribute, File, ImplItemFn, ItemConst, ItemFn, ItemImpl, ItemMod, ItemUse, Macro, Meta,
    UseTree,
};

/// The paths of `file`, which is `module`; ours begin with `crate`.
pub(crate) fn of(module: &[&str], file: &File) -> Vec<String> {
    let mut reader = Reader { module: owned(module), ..Reader::default() };
    reader.visit_file(file);
    let Reader { imports, inline, .. } = reader;
    // `use std::time;` makes `time::Instant` a path of the standard library.
    let meant = inline.into_iter().flat_map(|path| meanings(&imports, path));
    let named = imports.iter().map(|import| import.path.clone());
    named.clone().chain(meant).map(|path| path.join("::")).collect()
}

/// Whether the code behind these attributes is there in tests only.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string().replace(' ', "");
            condition == "test" || condition.starts_with("all(test,")
        }
        Meta::List(_) | Meta::Path(_) | Meta::NameValue(_) => false,
    })
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|&name| name.to_owned()).collect()
}

/// What `use` makes a name for.
struct Import {
    name: String,
    path: Vec<String>,
}

fn meanings(imports: &[Import], path: Vec<String>) -> Vec<Vec<String>> {
    let known = imports.iter().filter(|import| import.name == path[0]);
    let mut meant: Vec<Vec<String>> =
        known.map(|import| [&import.path, &path[1..]].concat()).collect();
    meant.push(path);
    meant
}

#[derive(Default)]
struct Reader {
    /// The module that is read, inline ones included.
    module: Vec<String>,
    imports: Vec<Import>,
    inline: Vec<Vec<String>>,
}

impl Reader {
    /// The path from the root, for one that begins with `crate`, `campana`, `self` or `super`.
    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let mut base = vec!["crate".to_owned()];
        let mut rest = path.as_slice();
        match path[0].as_str() {
            "crate" | "campana" => rest = &path[1..],
            "self" | "super" => {
                base.extend_from_slice(&self.module);
                while let Some((first, after)) = rest.split_first() {
                    match first.as_str() {
                        "super" if base.len() > 1 => drop(base.pop()),
                        "self" | "super" => {}
                        _ => break,
                    }
                    rest = after;
                }
            }
            _ => return path,
        }
        base.extend_from_slice(rest);
        base
    }

    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| [before, &[name]].concat();
        let (name, path) = match tree {
            UseTree::Path(path) => return self.tree(&with(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.tree(before, tree));
            }
            // `use x::{self}` names x.
            UseTree::Name(leaf) if leaf.ident == "self" => {
                (before.last().cloned().unwrap_or_default(), before.to_vec())
            }
            UseTree::Name(leaf) => (leaf.ident.to_string(), with(leaf.ident.to_string())),
            UseTree::Rename(leaf) => (leaf.rename.to_string(), with(leaf.ident.to_string())),
            UseTree::Glob(_) => ("*".to_owned(), with("*".to_owned())),
        };
        let path = self.absolute(path);
        self.imports.push(Import { name, path });
    }

    fn path(&mut self, names: Vec<String>) {
        if !names.is_empty() {
            let path = self.absolute(names);
            self.inline.push(path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test_only(&item.attrs) && item.content.is_some() {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_test_only(&item.attrs) {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test_only(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_const(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// A macro's tokens have no grammar of their own; whatever looks like a path in them is one.
    fn visit_macro(&mut self, item: &'ast Macro) {
        visit::visit_macro(self, item);
        for names in paths_in(&item.tokens.to_string()) {
            self.path(names);
        }
    }
}

/// The `a::b` in a text of tokens, which are apart by spaces or not; strings are left out.
fn paths_in(tokens: &str) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    let mut rest = tokens;
    let mut goes_on = false;
    while let Some(first) = rest.chars().next() {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let length = if first == '"' {
            goes_on = false;
            string_length(rest)
        } else if is_name(first) {
            let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let name = rest[..length].to_owned();
            match paths.last_mut().filter(|_| goes_on) {
                Some(path) => path.push(name),
                None => paths.push(vec![name]),
            }
            goes_on = false;
            length
        } else if rest.starts_with("::") {
            goes_on = true;
            2
        } else {
            goes_on &= first.is_whitespace();
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    paths
}

/// The length of the string literal that `text` begins with, its quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}
