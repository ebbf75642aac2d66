package org.espalier.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the published tables: Neklyudov, Molchanov, Ashukha, Vetrov, "Structured Bayesian Pruning via Log-Normal Multiplicative
 * Noise", NIPS 2017, tables 1 and 2. Of the CIFAR-10 table the error and the reduction of multiply-accumulates are given.
 *
 * @param units inputs or channels kept per layer, as printed; empty where not given
 * @param cpu speed-up on a CPU; null where not given
 * @param gpu speed-up on a GPU; null where not given
 * @param flops reduction of multiply-accumulates
 */
record PublishedRow(
        String network,
        String method,
        double errorPercent,
        String units,
        @Nullable Double cpu,
        @Nullable Double gpu,
        double flops) {
    static final List<PublishedRow> ALL = List.of(
            new PublishedRow("lenet-fc", "Original", 1.54, "784-500-300-10", 1.0, 1.0, 1),
            new PublishedRow("lenet-fc", "SparseVD", 1.57, "537-217-130-10", 1.19, 1.03, 3.73),
            new PublishedRow("lenet-fc", "SSL", 1.49, "434-174-78-10", 2.21, 1.04, 6.06),
            new PublishedRow("lenet-fc", "StructuredBP", 1.55, "245-160-55-10", 2.33, 1.08, 11.23),
            new PublishedRow("lenet5", "Original", 0.80, "20-50-800-500", 1.0, 1.0, 1),
            new PublishedRow("lenet5", "SparseVD", 0.75, "17-32-329-75", 1.48, 1.41, 2.19),
            new PublishedRow("lenet5", "SSL", 1.00, "3-12-800-500", 5.17, 1.80, 3.90),
            new PublishedRow("lenet5", "StructuredBP", 0.86, "3-18-284-283", 5.41, 1.91, 10.49),
            new PublishedRow("vgg-like", "Original", 7.2, "", null, null, 1),
            new PublishedRow("vgg-like", "StructuredBP", 7.5, "", null, null, 2.3),
            new PublishedRow("vgg-like", "StructuredBPa", 9.0, "", null, null, 3.16));
}
