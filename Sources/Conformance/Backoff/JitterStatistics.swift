extension JitterUniformity {
    /// The largest distance between the distribution of sorted `units` and the uniform one on 0...1.
    static func kolmogorovSmirnov(_ units: [Double]) -> Double {
        let count = Double(units.count)
        var largest = 0.0
        for (place, unit) in units.enumerated() {
            let expected = min(1, max(0, unit))
            largest = max(largest, Double(place + 1) / count - expected, expected - Double(place) / count)
        }
        return largest
    }

    /// P(D is at least this large) for `count` draws: 2 sum over k of (-1)^(k-1) e^(-2 k² λ²), λ = (√n + 0.12 + 0.11/√n) D.
    static func kolmogorovProbability(d: Double, count: Int) -> Double {
        guard count > 0 else { return 1 }
        let root = Double(count).squareRoot()
        let lambda = (root + 0.12 + 0.11 / root) * d
        // Below this the sum is 1 to more than nine digits, and converges slowly.
        guard lambda > 0.3 else { return 1 }
        var sum = 0.0
        var sign = 1.0
        for k in 1...100 {
            let term = exponential(minus: 2 * Double(k * k) * lambda * lambda)
            sum += sign * term
            sign = -sign
            if term < 1e-15 { break }
        }
        return min(1, max(0, 2 * sum))
    }

    /// P(the range of `count` uniform draws is at most that of sorted `units`).
    static func rangeProbability(_ units: [Double]) -> Double {
        guard let first = units.first, let last = units.last, units.count > 1 else { return 1 }
        let range = min(1, max(0, last - first))
        let count = units.count
        let power = raise(range, to: count - 1)
        return min(1, max(0, Double(count) * power - Double(count - 1) * power * range))
    }

    /// P(at least as many equal neighbours), Poisson with the number of pairs over the number of values that can be told apart.
    func tiesProbability(_ units: [Double]) -> Double {
        let ties = zip(units, units.dropFirst()).count { $0 == $1 }
        guard ties > 0 else { return 1 }
        let mean = Double(units.count) * Double(units.count - 1) / 2 / distinctValues
        var term = Self.exponential(minus: mean)
        var below = 0.0
        for k in 0..<ties {
            below += term
            term *= mean / Double(k + 1)
        }
        return min(1, max(0, 1 - below))
    }

    /// e^-x by halving the argument and squaring the result: the same digits on every platform, which the C library's are not.
    static func exponential(minus x: Double) -> Double {
        guard x < 700 else { return 0 }
        var reduced = x
        var halvings = 0
        while reduced > 0.03125 {
            reduced /= 2
            halvings += 1
        }
        var term = 1.0
        var sum = 1.0
        for k in 1...10 {
            term *= -reduced / Double(k)
            sum += term
        }
        for _ in 0..<halvings { sum *= sum }
        return sum
    }

    private static func raise(_ base: Double, to exponent: Int) -> Double {
        var result = 1.0
        var factor = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
