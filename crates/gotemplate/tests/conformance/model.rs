//! The types of the cases, as `conformance/language/model/types.go` has them.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use gotemplate::{Base, Call, Failure, Function, List, Map, Named, Object, Text, Type, Value};

use super::data;

/// What a value of a named type is made of.
#[derive(Debug)]
pub(crate) enum Data {
    Struct(Vec<(String, Value)>),
    List(List),
    Map(Map),
    Text(Text),
}

/// A value of a named type.
#[derive(Debug)]
pub(crate) struct Thing {
    of: &'static Kind,
    names: &'static [&'static str],
    data: Data,
}

/// A named type with its methods.
#[derive(Debug)]
struct Kind {
    named: Named,
    methods: &'static [Function],
    text: Option<fn(&Thing) -> String>,
}

/// The type of a name as Go prints it.
pub(crate) fn named(name: &str) -> Option<&'static Named> {
    kind(name).map(|kind| &kind.named)
}

/// A value of the type of a name.
pub(crate) fn thing(name: &str, data: Data) -> Value {
    let names = match &data {
        Data::Struct(fields) => field_names(name, fields),
        _ => &[],
    };
    Value::object(Thing { of: kind(name).expect("a known type"), names, data })
}

/// The names of the fields of a type, which live as long as the program.
fn field_names(of: &str, fields: &[(String, Value)]) -> &'static [&'static str] {
    static KNOWN: OnceLock<Mutex<HashMap<String, &'static [&'static str]>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().expect("no holder panics");
    known.entry(of.to_owned()).or_insert_with(|| {
        let names = fields.iter().map(|(name, _)| &*Box::leak(name.clone().into_boxed_str()));
        Box::leak(names.collect::<Vec<_>>().into_boxed_slice())
    })
}

fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.named.name == name)
}

impl Object for Thing {
    fn named(&self) -> &'static Named {
        &self.of.named
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        match &self.data {
            Data::Struct(_) => Base::Struct(self.names),
            Data::List(list) => Base::List(list),
            Data::Map(map) => Base::Map(map),
            Data::Text(text) => Base::Text(text),
        }
    }

    fn field(&self, name: &str) -> Option<Value> {
        match &self.data {
            Data::Struct(fields) => {
                fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
            }
            _ => None,
        }
    }

    fn methods(&self) -> &'static [Function] {
        self.of.methods
    }

    fn to_text(&self) -> Option<Text> {
        self.of.text.map(|text| text(self).into())
    }

    fn is_pointer(&self) -> bool {
        self.of.named.name.starts_with('*')
    }
}

impl Thing {
    fn int(&self, field: &str) -> i64 {
        match self.field(field) {
            Some(Value::Int(_, value)) => value,
            _ => 0,
        }
    }

    fn string(&self, field: &str) -> String {
        self.field(field)
            .and_then(|value| value.as_text().map(|text| text.to_str().into_owned()))
            .unwrap_or_default()
    }

    /// The entries of a map of texts.
    fn entries(&self) -> Vec<(String, String)> {
        let string = |value: &Value| value.as_text().expect("a text").to_str().into_owned();
        match &self.data {
            Data::Map(map) => {
                map.entries().iter().map(|(key, value)| (string(key), string(value))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn own_text(&self) -> String {
        match &self.data {
            Data::Text(text) => text.to_str().into_owned(),
            _ => String::new(),
        }
    }
}

type Outcome = Result<Value, Failure>;

fn receiver<'a>(call: &Call<'a>) -> &'a Thing {
    call.receiver().downcast().expect("a method is called on its type")
}

macro_rules! kind {
    ($name:literal, $underlying:expr, $zero:expr, $methods:expr, $text:expr) => {
        Kind {
            named: Named { name: $name, underlying: $underlying, zero: $zero },
            methods: $methods,
            text: $text,
        }
    };
}

/// A nil pointer of a type.
macro_rules! nil {
    ($name:literal) => {
        || Value::Nil(Type::Named(named($name).expect("a type of the table")))
    };
}

static KINDS: [Kind; 17] = [
    kind!("model.Kinds", Type::Any, || data::zero("model.Kinds"), &[], None),
    kind!("*model.Kinds", Type::Any, nil!("*model.Kinds"), &[], None),
    kind!("model.KV", Type::STRING_MAP, nil!("model.KV"), KV, Some(kv_text)),
    kind!("model.Plain", Type::STRING_MAP, nil!("model.Plain"), PLAIN, None),
    kind!("model.Tags", Type::STRINGS, nil!("model.Tags"), TAGS, None),
    kind!("model.Level", Type::String, || data::zero("model.Level"), LEVEL, None),
    kind!("model.Code", Type::String, || data::zero("model.Code"), CODE, Some(code_text)),
    kind!("model.Point", Type::Any, || data::zero("model.Point"), &[], None),
    kind!("model.Stamp", Type::Any, || data::zero("model.Stamp"), STAMP, Some(stamp_text)),
    kind!("model.Failure", Type::Any, || data::zero("model.Failure"), FAILURE, Some(reason)),
    kind!("model.Alerts", Type::Slice(&ALERT_TYPE), nil!("model.Alerts"), ALERTS, None),
    kind!("model.Alert", Type::Any, || data::zero("model.Alert"), ALERT, None),
    kind!("*model.Node", Type::Any, nil!("*model.Node"), NODE, None),
    kind!("*model.T", Type::Any, nil!("*model.T"), T, None),
    kind!("*model.U", Type::Any, nil!("*model.U"), U, None),
    kind!("*model.V", Type::Any, nil!("*model.V"), V, Some(v_text)),
    kind!("*model.Compared", Type::Any, nil!("*model.Compared"), &[], None),
];

static ALERT_TYPE: Type = Type::Named(&KINDS[11].named);

const KV: &[Function] = &[
    Function::new("String() string", |call| Ok(Value::text(kv_text(receiver(call))))),
    Function::new("Names() []string", |call| {
        Ok(Value::strings(receiver(call).entries().into_iter().map(|(name, _)| name)))
    }),
    Function::new("Remove(names []string) model.KV", kv_remove),
    Function::new("Get(name string, others ...string) string", kv_get),
];
const PLAIN: &[Function] =
    &[Function::new("Size() int", |call| Ok(count(receiver(call).entries().len())))];
const TAGS: &[Function] = &[Function::new("Join(sep string) string", |call| {
    let items = call.receiver().as_list().map_or(&[][..], |list| list);
    Ok(joined(items, &call.str(0)))
})];
const LEVEL: &[Function] = &[Function::new("Upper() string", |call| {
    Ok(Value::text(receiver(call).own_text().to_uppercase()))
})];
const CODE: &[Function] =
    &[Function::new("String() string", |call| Ok(Value::text(code_text(receiver(call)))))];
const STAMP: &[Function] =
    &[Function::new("String() string", |call| Ok(Value::text(stamp_text(receiver(call)))))];
const FAILURE: &[Function] =
    &[Function::new("Error() string", |call| Ok(Value::text(reason(receiver(call)))))];
const ALERTS: &[Function] = &[Function::new("Firing() []model.Alert", firing)];
const ALERT: &[Function] = &[
    Function::new("Title() string", |call| {
        Ok(Value::text(receiver(call).string("Status").to_uppercase()))
    }),
    Function::new("Add(n int) int", |call| {
        Ok(Value::int(receiver(call).int("Count").wrapping_add(call.int(0))))
    }),
    Function::new("Note(one string, other string) string", |call| {
        Ok(Value::text([call.text(0), b"/", call.text(1)].concat()))
    }),
    Function::new("Join(sep string, more ...string) string", |call| {
        Ok(joined(call.rest(1), &call.str(0)))
    }),
    Function::new("Sum(more ...int) int", |call| Ok(sum(call.arguments()))),
    Function::new("Echo(v any) any", |call| Ok(call.value(0).clone())),
    Function::new("Wait(d time.Duration) time.Duration", |call| {
        Ok(Value::duration(call.int(0).wrapping_mul(2)))
    }),
    Function::new("Scale(f float64) float64", |call| Ok(Value::float(call.float(0) * 2.0))),
    Function::new("Has(yes bool) bool", |call| Ok(Value::Bool(!call.bool(0)))),
    Function::new("Check(fail bool) (string, error)", |call| {
        if call.bool(0) { Err("checked: 坏了".into()) } else { Ok("fine".into()) }
    }),
    Function::new("Panic() string", |_| Err("no panic".into())),
    Function::new("Nothing() any", |_| Ok(Value::NIL)),
    Function::new("Self() model.Alert", |call| Ok(call.receiver().clone())),
];
const NODE: &[Function] = &[
    Function::new("Depth() int", |call| Ok(Value::int(depth(call.receiver())))),
    Function::new("Label(prefix string) string", |call| {
        Ok(Value::text(format!("{}{}", call.str(0), receiver(call).int("Val"))))
    }),
];
const T: &[Function] = &[
    Function::new("Method0() string", |_| Ok("M0".into())),
    Function::new("Method1(a int) int", |call| Ok(Value::int(call.int(0)))),
    Function::new("Method2(a int, b string) string", |call| {
        Ok(Value::text(format!("Method2: {} {}", call.int(0), call.str(1))))
    }),
    Function::new("Method3(v any) string", |call| {
        Ok(Value::text(format!("Method3: {}", type_name(call.value(0)))))
    }),
    Function::new("GetU() *model.U", |call| Ok(receiver(call).field("U").unwrap_or_default())),
    Function::new("Copy() *model.T", |call| Ok(call.receiver().clone())),
    Function::new("MyError(fail bool) (bool, error)", |call| {
        if call.bool(0) { Err("my error".into()) } else { Ok(false.into()) }
    }),
];
const U: &[Function] = &[Function::new("TrueFalse(b bool) string", |call| {
    Ok(if call.bool(0) { "true".into() } else { "".into() })
})];
const V: &[Function] =
    &[Function::new("String() string", |call| Ok(Value::text(v_text(receiver(call)))))];

fn kv_text(kv: &Thing) -> String {
    let parts: Vec<_> =
        kv.entries().iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join(", ")
}

fn kv_remove(call: &mut Call<'_>) -> Outcome {
    let names = call.list(0);
    let gone = |name: &str| {
        names.iter().any(|gone| gone.as_text().is_some_and(|t| t.as_bytes() == name.as_bytes()))
    };
    let left = receiver(call).entries().into_iter().filter(|(name, _)| !gone(name));
    let left = left.map(|(name, value)| (name, Value::text(value)));
    let of = Type::Named(named("model.KV").expect("a type of the table"));
    Ok(thing("model.KV", Data::Map(Map::of_names(of, left))))
}

fn kv_get(call: &mut Call<'_>) -> Outcome {
    let entries = receiver(call).entries();
    let found = entries.into_iter().find(|(name, _)| name.as_bytes() == call.text(0));
    Ok(found.map_or_else(|| Value::text(call.text(1)), |(_, value)| Value::text(value)))
}

fn firing(call: &mut Call<'_>) -> Outcome {
    let all = call.receiver().as_list().map_or(&[][..], |list| list);
    let fires = |alert: &&Value| {
        alert.downcast::<Thing>().is_some_and(|alert| alert.string("Status") == "firing")
    };
    let found = all.iter().filter(fires).cloned().collect();
    Ok(Value::List(List::new(Type::Slice(&ALERT_TYPE), found).into()))
}

fn depth(node: &Value) -> i64 {
    let Some(node) = node.downcast::<Thing>() else { return 0 };
    let side = |name| node.field(name).map_or(0, |node| depth(&node));
    1 + side("Left").max(side("Right"))
}

fn code_text(code: &Thing) -> String {
    format!("[{}]", code.own_text())
}

fn stamp_text(stamp: &Thing) -> String {
    format!("<{}>", stamp.string("Text"))
}

fn reason(failure: &Thing) -> String {
    format!("failure: {}", failure.string("Reason"))
}

fn v_text(v: &Thing) -> String {
    format!("<{}>", v.int("J"))
}

/// What `%T` prints.
pub(crate) fn type_name(value: &Value) -> String {
    match value {
        Value::Invalid | Value::Nil(Type::Any) => "<nil>".to_owned(),
        value => value.type_of().map_or_else(String::new, |of| of.to_string()),
    }
}

pub(crate) fn joined(items: &[Value], separator: &str) -> Value {
    let texts = items.iter().map(|item| item.as_text().expect("a text").as_bytes());
    Value::text(texts.collect::<Vec<_>>().join(separator.as_bytes()))
}

pub(crate) fn sum(values: &[Value]) -> Value {
    let sum = values.iter().fold(0_i64, |sum, value| match value {
        Value::Int(_, value) => sum.wrapping_add(*value),
        _ => sum,
    });
    Value::int(sum)
}

pub(crate) fn count(items: usize) -> Value {
    Value::int(i64::try_from(items).expect("a length"))
}
