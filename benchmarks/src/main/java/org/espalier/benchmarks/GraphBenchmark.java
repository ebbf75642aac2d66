package org.espalier.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;
import org.espalier.zoo.Zoo;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What finding a network's groups costs, and cutting half of its units out: both happen at the end of epochs and at every export. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class GraphBenchmark {
    /** Which network of the zoo. */
    @Param({"lenet5", "vgg-like", "resnet20"})
    public String network = "lenet5";

    private Graph graph = Zoo.build("lenet-300-100", 1);
    private ChannelGroups groups = ChannelGroups.of(graph);
    private boolean[] kept = new boolean[0];

    /** Builds the network and wishes every other unit away. */
    @Setup
    public void build() {
        graph = Zoo.build(network, 1);
        groups = ChannelGroups.of(graph);
        SplittableRandom random = new SplittableRandom(1);
        boolean[] wish = new boolean[groups.units()];
        double[] score = new double[wish.length];
        for (int u = 0; u < wish.length; u++) {
            wish[u] = random.nextBoolean();
            score[u] = random.nextDouble();
        }
        kept = KeptUnits.of(groups, wish, score).kept();
    }

    /**
     * Finds the groups.
     *
     * @return them
     */
    @Benchmark
    public ChannelGroups groups() {
        return ChannelGroups.of(graph);
    }

    /**
     * Cuts half of the units out.
     *
     * @return the smaller network
     */
    @Benchmark
    public Shrunk shrink() {
        return Shrinker.shrink(groups, graph, kept);
    }
}
