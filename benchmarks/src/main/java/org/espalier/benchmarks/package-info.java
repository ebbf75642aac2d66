/** JMH benchmarks: {@code java -cp ... org.openjdk.jmh.Main NoiseBenchmark}. */
@NullMarked
package org.espalier.benchmarks;

import org.jspecify.annotations.NullMarked;
