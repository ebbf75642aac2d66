package org.espalier.job;

import java.nio.file.Path;

/**
 * What a job gives.
 *
 * @param report every figure
 * @param folder of the run
 * @param original the file with the network before pruning
 * @param pruned the file with the pruned network
 */
public record PruningResult(PruningReport report, Path folder, Path original, Path pruned) {}
