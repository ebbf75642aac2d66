package org.espalier.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;

/** What must hold when units are removed from a graph, whatever the graph. */
public final class Equivalence {
    /** Largest difference allowed, relative to the largest output. */
    public static final double TOLERANCE = 1e-4;

    private Equivalence() {}

    /** Removes random units twice and checks that masked and shrunk agree both times; returns the groups. */
    public static ChannelGroups check(Graph graph, long seed, int... batches) {
        SplittableRandom random = new SplittableRandom(seed);
        ChannelGroups groups = ChannelGroups.of(graph);
        double[] keepRates = {0, 0.1, 0.3, 0.5, 0.8, 1};
        boolean[] kept = randomKept(groups, keepRates[random.nextInt(keepRates.length)], random);
        Graph once = shrinkAndCompare(groups, graph, kept, random, batches);
        Shrunk shrunk = Shrinker.shrink(groups, graph, kept);
        ChannelGroups again = ChannelGroups.of(once);
        checkGroups(graph, groups, kept, again, shrunk.origins(groups, again));
        boolean[] keptAgain = randomKept(again, 0.6, random);
        Graph twice = shrinkAndCompare(again, once, keptAgain, random, batches);
        long picked = Stream.of(groups, again)
                .flatMap(g -> g.groups().stream())
                .filter(g -> g.kind() == ChannelGroup.Kind.INPUTS)
                .map(ChannelGroup::name)
                .distinct()
                .count();
        long sized =
                graph.nodes().stream().filter(n -> takesComputedSize(graph, n)).count();
        assertThat((long) twice.nodes().size())
                .as("nodes after shrinking twice: Gathers compose, and so does what narrows a computed size")
                .isLessThanOrEqualTo(graph.nodes().size() + picked + sized);
        return groups;
    }

    private static boolean takesComputedSize(Graph graph, Node n) {
        return switch (n.opType()) {
            case "Expand" -> true;
            case "Reshape" -> graph.initializer(n.input(1)) == null;
            case "Resize" -> n.hasInput(3) && graph.initializer(n.input(3)) == null;
            default -> false;
        };
    }

    /** The groups of the smaller graph are those of the larger one with the kept units, unless a single unit made them come apart. */
    private static void checkGroups(
            Graph graph, ChannelGroups groups, boolean[] kept, ChannelGroups again, int[] origins) {
        for (int origin : origins) {
            assertThat(origin < 0 || kept[origin])
                    .as("unit comes from kept unit %d", origin)
                    .isTrue();
        }
        List<String> expected = keptSizes(groups, kept);
        if (!hasGroupedConvolution(graph) && expected.stream().noneMatch(e -> e.endsWith("=1"))) {
            boolean[] read = read(groups, kept);
            assertThat(sizes(again)).as("groups after shrinking").isEqualTo(expected);
            assertThat(origins)
                    .as("origins")
                    .isEqualTo(IntStream.range(0, kept.length)
                            .filter(u -> kept[u] && read[u])
                            .toArray());
        }
    }

    /** A random wish, closed. */
    public static boolean[] randomKept(ChannelGroups groups, double rate, SplittableRandom random) {
        boolean[] wish = new boolean[groups.units()];
        double[] score = new double[groups.units()];
        for (int u = 0; u < wish.length; u++) {
            wish[u] = random.nextDouble() < rate;
            score[u] = random.nextDouble();
        }
        return KeptUnits.of(groups, wish, score).kept();
    }

    /** Checks that masking and shrinking agree in ONNX Runtime; returns the smaller graph. */
    public static Graph shrinkAndCompare(
            ChannelGroups groups, Graph graph, boolean[] kept, SplittableRandom random, int... batches) {
        double[] scale = new double[groups.units()];
        for (int u = 0; u < scale.length; u++) {
            scale[u] = kept[u] ? random.nextDouble(0.5, 1.5) : 0;
        }
        Graph masked = Shrinker.mask(groups, graph, scale);
        Shrunk shrunk = Shrinker.shrink(groups, masked, kept);
        assertThat(shrunk.graph().inputs()).isEqualTo(graph.inputs());
        assertThat(shrunk.graph().outputs()).isEqualTo(graph.outputs());
        for (int batch : batches) {
            Map<String, TensorData> in = Ort.randomInputs(graph, batch, random.nextLong());
            assertClose(Ort.run(masked, in), Ort.run(shrunk.graph(), in), "batch " + batch);
        }
        checkUntouched(groups, graph, Shrinker.shrink(groups, graph, kept).graph());
        return shrunk.graph();
    }

    /** Constants on whose axes no unit lives, and that no site multiplies, must be the very same. */
    private static void checkUntouched(ChannelGroups groups, Graph before, Graph after) {
        List<String> sites = groups.sites().stream().map(ReadSite::weight).toList();
        for (Map.Entry<String, TensorData> e : before.initializers().entrySet()) {
            TensorData t = e.getValue();
            boolean free = sites.contains(e.getKey());
            for (int a = 0; a < t.rank(); a++) {
                free |= groups.unitsOf(e.getKey(), a) != null;
            }
            TensorData left = after.initializer(e.getKey());
            if (!free && t.type().isFloating()) {
                assertThat(left).as("constant %s", e.getKey()).isEqualTo(t);
            }
        }
    }

    /** Compares outputs: names, shapes, and values within {@link #TOLERANCE} of the largest; NaN fails. */
    public static void assertClose(Map<String, TensorData> expected, Map<String, TensorData> found, String what) {
        assertThat(found.keySet()).as(what).isEqualTo(expected.keySet());
        expected.forEach((name, e) -> {
            TensorData f = found.get(name);
            assertThat(f.shape()).as("%s: shape of %s", what, name).isEqualTo(e.shape());
            double[] a = e.toDoubles();
            double[] b = f.toDoubles();
            double largest = Arrays.stream(a).map(Math::abs).max().orElse(0);
            assertThat(Double.isFinite(largest))
                    .as("%s: %s is finite", what, name)
                    .isTrue();
            for (int i = 0; i < a.length; i++) {
                boolean close = Math.abs(a[i] - b[i]) <= TOLERANCE * Math.max(largest, 1e-6);
                assertThat(close)
                        .as("%s: %s[%d] expected %s, found %s, largest %s", what, name, i, a[i], b[i], largest)
                        .isTrue();
            }
        });
    }

    /** Names and sizes of the groups, in order. */
    public static List<String> sizes(ChannelGroups groups) {
        return groups.groups().stream().map(g -> g.name() + "=" + g.size()).toList();
    }

    /** Which units somebody still reads: a layer that nobody reads keeps a unit all the same. */
    private static boolean[] read(ChannelGroups groups, boolean[] kept) {
        boolean[] read = new boolean[kept.length];
        for (ReadSite s : groups.sites()) {
            int pick = groups.firstPickedInput(s.node());
            for (int i = 0; i < s.length(); i++) {
                if (s.unit(i) >= 0) {
                    read[s.unit(i)] |= s.picked() || pick < 0 || kept[pick + i];
                }
            }
        }
        return read;
    }

    private static List<String> keptSizes(ChannelGroups groups, boolean[] kept) {
        boolean[] read = read(groups, kept);
        List<String> sizes = new ArrayList<>();
        for (ChannelGroup g : groups.groups()) {
            int n = 0;
            for (int u = g.offset(); u < g.offset() + g.size(); u++) {
                n += kept[u] && read[u] ? 1 : 0;
            }
            if (n > 0) {
                sizes.add(g.name() + "=" + n);
            }
        }
        return sizes;
    }

    /** A grouped convolution that keeps one channel a group is a depthwise one afterwards, a depthwise one a plain one. */
    private static boolean hasGroupedConvolution(Graph graph) {
        return graph.nodes().stream().anyMatch(n -> n.getLong("group", 1) > 1);
    }
}
