//! Natural numbers of any length, in base 1,000,000,000.

use std::cmp::Ordering;
use std::fmt;

const BASE: u64 = 1_000_000_000;

/// The digits of one limb.
const DIGITS: u64 = 9;

/// Limbs from the lowest to the highest, which is not 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Natural(Vec<u64>);

impl Natural {
    pub(super) fn of(number: u64) -> Self {
        Self::trimmed(vec![number % BASE, number / BASE % BASE, number / BASE / BASE])
    }

    fn trimmed(mut limbs: Vec<u64>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self(limbs)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn limbs(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }

    fn limb(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or(0)
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut carry = 0;
        let length = self.0.len().max(other.0.len()) + 1;
        let limbs = (0..length).map(|at| {
            let sum = self.limb(at) + other.limb(at) + carry;
            carry = sum / BASE;
            sum % BASE
        });
        Self::trimmed(limbs.collect())
    }

    /// What is left without `other`, which is not larger.
    pub(super) fn minus(&self, other: &Self) -> Self {
        let mut borrow = 0;
        let limbs = (0..self.0.len()).map(|at| {
            let difference = BASE + self.limb(at) - other.limb(at) - borrow;
            borrow = u64::from(difference < BASE);
            difference % BASE
        });
        Self::trimmed(limbs.collect())
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut limbs = vec![0; self.0.len() + other.0.len() + 1];
        for (low, one) in self.0.iter().enumerate() {
            let mut carry = 0;
            for (limb, high) in limbs.iter_mut().skip(low).zip(0..=other.0.len()) {
                let sum = *limb + one * other.limb(high) + carry;
                *limb = sum % BASE;
                carry = sum / BASE;
            }
        }
        Self::trimmed(limbs)
    }

    /// Times a small number.
    fn times_limb(&self, factor: u64) -> Self {
        self.times(&Self::of(factor))
    }

    /// Times ten to the power of `digits`.
    pub(super) fn shifted(&self, digits: u64) -> Self {
        if self.is_zero() {
            return self.clone();
        }
        let power = u32::try_from(digits % DIGITS).unwrap_or(0);
        let mut limbs = vec![0; usize::try_from(digits / DIGITS).unwrap_or(0)];
        limbs.append(&mut self.times_limb(10_u64.pow(power)).0);
        Self(limbs)
    }

    /// The quotient and the rest; nothing but zeros where `divisor` is 0.
    pub(super) fn over(&self, divisor: &Self) -> (Self, Self) {
        let mut quotient = vec![0; self.0.len()];
        let mut rest = Self(Vec::new());
        if divisor.is_zero() {
            return (rest.clone(), rest);
        }
        for (limb, out) in self.0.iter().zip(&mut quotient).rev() {
            rest.0.insert(0, *limb);
            rest = Self::trimmed(rest.0);
            *out = rest.digit_over(divisor);
            rest = rest.minus(&divisor.times_limb(*out));
        }
        (Self::trimmed(quotient), rest)
    }

    /// How often `divisor` fits, which is not 0; less than [`BASE`] times.
    fn digit_over(&self, divisor: &Self) -> u64 {
        let top = divisor.0.len();
        let limb = |number: &Self, behind: usize| {
            u128::from(top.checked_sub(behind).map_or(0, |at| number.limb(at)))
        };
        let base = u128::from(BASE);
        let leading = (limb(self, 0) * base + limb(self, 1)) * base + limb(self, 2);
        // The three highest limbs over the two of the divisor, which is taken a bit too large:
        // the digit is this, or a few more.
        let guess = leading / (limb(divisor, 1) * base + limb(divisor, 2) + 1);
        let mut digit = u64::try_from(guess).unwrap_or(0).min(BASE - 1);
        while digit < BASE - 1 && divisor.times_limb(digit + 1) <= *self {
            digit += 1;
        }
        digit
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let lengths = self.0.len().cmp(&other.0.len());
        lengths.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl fmt::Display for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.last().unwrap_or(&0))?;
        self.0.iter().rev().skip(1).try_for_each(|limb| write!(f, "{limb:09}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_and_its_rest_give_the_dividend_again() {
        let factors = [1, 7, 999_999_999, 1_000_000_000, u64::MAX, 123_456_789_012_345_678];
        for (one, other) in factors.iter().flat_map(|one| factors.map(|other| (*one, other))) {
            let product = Natural::of(one).shifted(13).times(&Natural::of(other));
            let (quotient, rest) = product.plus(&Natural::of(5)).over(&Natural::of(other));
            let again = quotient.times(&Natural::of(other)).plus(&rest).minus(&Natural::of(5));
            assert_eq!(again, product);
            assert!(rest < Natural::of(other) && again.to_string().ends_with("000000000"));
        }
        assert_eq!(Natural::of(u64::MAX).to_string(), u64::MAX.to_string());
    }
}
