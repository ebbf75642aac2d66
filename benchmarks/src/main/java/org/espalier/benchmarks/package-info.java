/** JMH benchmarks: {@code java -cp "benchmarks/target/classes:benchmarks/target/lib/*" org.openjdk.jmh.Main NoiseBenchmark}. */
@NullMarked
package org.espalier.benchmarks;

import org.jspecify.annotations.NullMarked;
