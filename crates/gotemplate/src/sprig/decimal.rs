//! `addf` and its kin: shopspring/decimal 1.2.0, numbers of any length in base ten.

use super::cast::float64;
use crate::fmt;
use crate::funcs::{Call, Failure, Function};
use crate::value::Value;

mod natural;

use natural::Natural;

pub(super) const TABLE: &[Function] = &[
    Function::new("add1f(i any) float64", add1f),
    Function::new("addf(i ...any) float64", addf),
    Function::new("subf(a any, v ...any) float64", subf),
    Function::new("divf(a any, v ...any) float64", divf),
    Function::new("mulf(a any, v ...any) float64", mulf),
];

/// The digits behind the point that a division gives.
const PRECISION: i64 = 16;

/// The magnitude, its sign, and the power of ten that it is multiplied with.
#[derive(Debug, Clone)]
struct Decimal {
    magnitude: Natural,
    is_negative: bool,
    exponent: i64,
}

impl Decimal {
    /// The shortest decimal that is nearest to this float and no other.
    fn of(value: &Value) -> Result<Self, Failure> {
        let number = float64(value);
        if !number.is_finite() {
            let name = match number {
                f64::INFINITY => "+Inf",
                f64::NEG_INFINITY => "-Inf",
                _ => "NaN",
            };
            return Err(format!("Cannot create a Decimal from {name}").into());
        }
        let text = fmt::format_float(number.abs(), b'e', -1, 64);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let fraction = mantissa.len().saturating_sub(2);
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        let exponent: i64 = exponent.parse().unwrap_or(0);
        Ok(Self {
            magnitude: Natural::of(digits.parse().unwrap_or(0)),
            is_negative: number < 0.0,
            exponent: if number == 0.0 {
                0
            } else {
                exponent - i64::try_from(fraction).unwrap_or(0)
            },
        })
    }

    /// The nearest float.
    fn to_float(&self) -> f64 {
        let sign = if self.is_negative { "-" } else { "" };
        let text = format!("{sign}{}e{}", self.magnitude, self.exponent);
        if self.magnitude.is_zero() { 0.0 } else { text.parse().unwrap_or(0.0) }
    }

    /// The magnitude with a smaller exponent.
    fn rescaled(&self, exponent: i64) -> Natural {
        self.magnitude.shifted(u64::try_from(self.exponent - exponent).unwrap_or(0))
    }

    fn plus(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let (one, two) = (self.rescaled(exponent), other.rescaled(exponent));
        let (magnitude, is_negative) = if self.is_negative == other.is_negative {
            (one.plus(&two), self.is_negative)
        } else if one >= two {
            (one.minus(&two), self.is_negative)
        } else {
            (two.minus(&one), other.is_negative)
        };
        Self { magnitude, is_negative, exponent }
    }

    fn minus(&self, other: &Self) -> Self {
        let other = Self { is_negative: !other.is_negative, ..other.clone() };
        self.plus(&other)
    }

    fn times(&self, other: &Self) -> Self {
        Self {
            magnitude: self.magnitude.times(&other.magnitude),
            is_negative: self.is_negative != other.is_negative,
            exponent: self.exponent + other.exponent,
        }
    }

    /// Rounded half away from zero at the last of its digits.
    fn over(&self, other: &Self) -> Self {
        let shift = self.exponent - other.exponent + PRECISION;
        let magnitude = u64::try_from(shift.abs()).unwrap_or(0);
        let (dividend, divisor) = if shift < 0 {
            (self.magnitude.clone(), other.magnitude.shifted(magnitude))
        } else {
            (self.magnitude.shifted(magnitude), other.magnitude.clone())
        };
        let (quotient, rest) = dividend.over(&divisor);
        let rounds_up = rest.plus(&rest) >= divisor;
        Self {
            magnitude: if rounds_up { quotient.plus(&Natural::of(1)) } else { quotient },
            is_negative: self.is_negative != other.is_negative,
            exponent: -PRECISION,
        }
    }

    /// What an operation with another number takes: the limbs that it may have to multiply.
    fn cost(&self, other: &Self) -> u64 {
        let apart = self.exponent.abs_diff(other.exponent) / 9 + 3;
        let (one, two) = (self.magnitude.limbs(), other.magnitude.limbs());
        let limbs = (one + apart).saturating_mul(two + 1).saturating_add(two + apart);
        limbs / 4 + 1
    }
}

type Operation = fn(&Decimal, &Decimal) -> Decimal;

/// `first` and each of the others, one after the other.
fn fold(
    call: &mut Call<'_>,
    first: &Value,
    others: &[Value],
    operation: Operation,
) -> Result<Value, Failure> {
    let mut result = Decimal::of(first)?;
    for other in others {
        let other = Decimal::of(other)?;
        call.spend(result.cost(&other))?;
        result = operation(&result, &other);
    }
    Ok(Value::float(result.to_float()))
}

fn add1f(call: &mut Call<'_>) -> Result<Value, Failure> {
    let first = call.value(0);
    fold(call, first, &[Value::int(1)], Decimal::plus)
}

fn addf(call: &mut Call<'_>) -> Result<Value, Failure> {
    let all = call.arguments();
    fold(call, &Value::float(0.0), all, Decimal::plus)
}

fn subf(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (first, others) = (call.value(0), call.rest(1));
    fold(call, first, others, Decimal::minus)
}

fn mulf(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (first, others) = (call.value(0), call.rest(1));
    fold(call, first, others, Decimal::times)
}

fn divf(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (first, others) = (call.value(0), call.rest(1));
    // Go converts and divides in turn, so the first mistake counts.
    for (at, other) in others.iter().enumerate() {
        if Decimal::of(other).is_ok_and(|other| other.magnitude.is_zero()) {
            fold(call, first, others.get(..at).unwrap_or_default(), Decimal::over)?;
            return Err("decimal division by 0".into());
        }
    }
    fold(call, first, others, Decimal::over)
}
