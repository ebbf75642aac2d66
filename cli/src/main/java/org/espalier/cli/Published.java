package org.espalier.cli;

import java.util.List;

/**
 * Rows of the published MNIST table: Neklyudov, Molchanov, Ashukha, Vetrov, "Structured Bayesian Pruning via Log-Normal Multiplicative
 * Noise", NIPS 2017, table 1.
 *
 * @param units inputs or channels kept per layer, as printed
 * @param cpu speed-up on a CPU
 * @param flops reduction of multiply-accumulates
 */
record Published(String network, String method, double errorPercent, String units, double cpu, double flops) {
    static final List<Published> MNIST = List.of(
            new Published("lenet-fc", "Original", 1.54, "784-500-300-10", 1, 1),
            new Published("lenet-fc", "StructuredBP", 1.55, "245-160-55-10", 2.33, 11.23),
            new Published("lenet5", "Original", 0.80, "20-50-800-500", 1, 1),
            new Published("lenet5", "StructuredBP", 0.86, "3-18-284-283", 5.41, 10.49));
}
