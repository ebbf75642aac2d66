package org.espalier.job;

import org.espalier.data.Splits;

/**
 * A run that has been checked.
 *
 * @param configuration what {@code run.yaml} will hold
 * @param network where training begins
 * @param data the examples
 */
record RunPlan(RunConfiguration configuration, SourceModel network, Splits data) {}
