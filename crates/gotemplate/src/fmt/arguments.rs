//! Values under their verbs: what each kind prints, and which ask their methods.

use super::method::is_simple;
use super::pointer::ADDRESS;
use super::printer::{Printed, Printer};
use crate::value::{Base, Float, Object, Type, Value};

impl Printer<'_> {
    /// What an action prints: `%v`, and of a pointer what it points to.
    pub(super) fn print_action(&mut self, value: &Value) -> Printed {
        match value {
            Value::Object(object) if object.is_pointer() => match object.to_text() {
                Some(text) => self.print_text(text.as_bytes(), 'v', value),
                None => {
                    self.print_base(value, object.as_ref(), pointed_name(object.as_ref()), 'v', 0)
                }
            },
            _ => self.print_argument(value, 'v'),
        }
    }

    /// An argument of `printf` and the like.
    pub(super) fn print_argument(&mut self, value: &Value, verb: char) -> Printed {
        match value {
            Value::Text(text) if verb == 's' || verb == 'v' && !self.flags.sharp_v => {
                return self.print_plain(text.as_bytes());
            }
            Value::Invalid | Value::Nil(Type::Any | Type::Reflect) => {
                return match verb {
                    'T' | 'v' => self.write_padded(b"<nil>"),
                    _ => self.report_verb(value, verb),
                };
            }
            _ => {}
        }
        match verb {
            'T' => return self.print_type(value),
            'p' => return self.print_address(value),
            _ => {}
        }
        match value {
            // Only here Go calls the type `[]byte`.
            Value::List(list) if verb == 'v' && list.type_of() == Type::BYTES => {
                self.print_list(list, &"[]byte", verb, 0)
            }
            Value::Nil(of) if verb == 'v' && *of == Type::BYTES => {
                self.print_nil_list(&"[]byte", Type::BYTES, verb)
            }
            _ if is_simple(value) => self.print_value(value, verb, 0),
            _ if self.print_by_method(value, verb)? => Ok(()),
            _ => self.print_value(value, verb, 0),
        }
    }

    /// An argument that no directive has asked for: its type and what it is.
    pub(super) fn print_extra(&mut self, value: &Value) -> Printed {
        match value.type_of() {
            None | Some(Type::Any | Type::Reflect) => return self.write(b"<nil>"),
            Some(of) => self.write_name(&of)?,
        }
        self.write(b"=")?;
        self.print_argument(value, 'v')
    }

    /// `%!verb(type=value)`.
    pub(super) fn report_verb(&mut self, value: &Value, verb: char) -> Printed {
        self.write(b"%!")?;
        self.write_char(verb)?;
        self.write(b"(")?;
        match value.type_of() {
            None | Some(Type::Any | Type::Reflect) => self.write(b"<nil>")?,
            Some(of) => {
                self.write_name(&of)?;
                self.write(b"=")?;
                self.reporting = true;
                let printed = self.print_value(value, 'v', 0);
                self.reporting = false;
                printed?;
            }
        }
        self.write(b")")
    }

    /// `%T`.
    fn print_type(&mut self, value: &Value) -> Printed {
        let name = value.type_of().unwrap_or(Type::Any).to_string();
        self.print_plain(name.as_bytes())
    }

    /// A value in a value, or one without methods. `depth` counts the values around it.
    pub(super) fn print_value(&mut self, value: &Value, verb: char, depth: usize) -> Printed {
        if depth > 0 && self.print_nested_by_method(value, verb)? {
            return Ok(());
        }
        match value {
            Value::Invalid | Value::Nil(Type::Any | Type::Reflect) => {
                self.write(if self.flags.sharp_v { b"interface {}(nil)" } else { b"<nil>" })
            }
            Value::Nil(of) => self.print_nil(*of, verb, value),
            Value::Bool(bool) => match verb {
                't' | 'v' => self.write_padded(if *bool { b"true" } else { b"false" }),
                _ => self.report_verb(value, verb),
            },
            Value::Int(_, int) => self.print_int(*int, verb, value),
            Value::Uint(_, uint) => self.print_uint(*uint, verb, value),
            Value::Float(of, float) => self.print_float(*float, *of == Float::Float32, verb, value),
            Value::Complex(real, imaginary) => self.print_complex((*real, *imaginary), verb, value),
            Value::Text(text) => self.print_text(text.as_bytes(), verb, value),
            // Go shows the private fields of the struct, which nobody can want.
            Value::Time(time) if verb == 'v' => self.print_plain(time.to_text().as_bytes()),
            Value::Time(_) => self.report_verb(value, verb),
            Value::List(list) => self.print_list(list, &list.type_of(), verb, depth),
            Value::Map(map) => self.print_map(map, &map.type_of(), verb, depth),
            Value::Object(object) => self.print_object(object.as_ref(), verb, depth, value),
        }
    }

    fn print_object(
        &mut self,
        object: &dyn Object,
        verb: char,
        depth: usize,
        value: &Value,
    ) -> Printed {
        if !object.is_pointer() {
            return self.print_base(value, object, object.named().name, verb, depth);
        }
        // Only the outermost pointer is followed, so that no circle of pointers has to be feared.
        if depth > 0 || matches!(object.base(), Base::Text(_)) {
            return self.print_pointer(ADDRESS, verb, value);
        }
        self.write(b"&")?;
        self.print_base(value, object, pointed_name(object), verb, 1)
    }

    /// What the type of an object is made of, under the name `name`.
    fn print_base(
        &mut self,
        value: &Value,
        object: &dyn Object,
        name: &str,
        verb: char,
        depth: usize,
    ) -> Printed {
        match object.base() {
            Base::Struct(fields) => self.print_struct(object, fields, name, verb, depth),
            Base::List(list) => self.print_list(list, &name, verb, depth),
            Base::Map(map) => self.print_map(map, &name, verb, depth),
            Base::Text(text) => self.print_text(text.as_bytes(), verb, value),
        }
    }
}

/// The name of the type that a pointer points to.
fn pointed_name(object: &dyn Object) -> &'static str {
    let name = object.named().name;
    name.strip_prefix('*').unwrap_or(name)
}
