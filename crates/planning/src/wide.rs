//! Arithmetic on as many numbers at once as the processor at hand can take.

/// Evaluates an expression in code compiled for the widest vectors of this processor: AVX-512, AVX2, or what all of its kind
/// have. `wide!(total(numbers))`
///
/// The result is the same on every processor, bit for bit: the compiler puts side by side only what does not depend on
/// each other, keeps the order of additions, and never joins a product and a sum into one rounding.
///
/// Only what is inlined is compiled anew: mark the functions that the expression calls `#[inline(always)]`.
macro_rules! wide {
    ($work:expr) => {
        fearless_simd::dispatch!(fearless_simd::Level::new(), _ => $work)
    };
}

pub(crate) use wide;

#[cfg(test)]
mod tests {
    #[inline(always)]
    fn running_sums(numbers: &[f64]) -> Vec<u64> {
        let add = |sum: &mut f64, number: &f64| {
            *sum += 0.3 * number + 0.7 * number.sqrt();
            Some(sum.to_bits())
        };
        numbers.iter().scan(0.0, add).collect()
    }

    #[test]
    fn the_same_bits_as_in_plain_code() {
        let numbers: Vec<f64> = (1..=1_000).map(|number| 1.0 / f64::from(number)).collect();
        assert_eq!(wide!(running_sums(&numbers)), running_sums(&numbers));
    }
}
