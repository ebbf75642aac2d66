package org.espalier.shrink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.onnx.OnnxWriter;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.shapes.Cost;
import org.espalier.testing.RandomForeign;
import org.espalier.testing.RandomNetwork;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks cut at budgets; {@code -Dtests.seed=S} runs one seed alone. */
class BudgetCutTest {
    private static final List<String> ZOO =
            List.of("lenet-fc:0.1", "lenet5:0.2", "vgg-like:0.1", "resnet20:0.25", "mobilenetv2-like:0.1");

    static LongStream seeds() {
        Long one = Long.getLong("tests.seed");
        return one == null ? LongStream.range(0, Integer.getInteger("tests.networks", 90)) : LongStream.of(one);
    }

    private static Graph network(long seed) {
        return switch ((int) (seed % 3)) {
            case 0 -> Zoo.build(ZOO.get((int) (seed / 3 % ZOO.size())), seed);
            case 1 -> RandomNetwork.of(seed);
            default -> GraphNormalizer.normalize(RandomForeign.of(seed));
        };
    }

    private static ToDoubleFunction<Graph> cost(int kind) {
        return switch (kind) {
            case 0 -> Cost::macsPerExample;
            case 1 -> g -> Cost.of(g).parameters();
            default -> g -> OnnxWriter.toBytes(g).length;
        };
    }

    @ParameterizedTest(name = "-Dtests.seed={0}")
    @MethodSource("seeds")
    void within_randomNetworkAndTargets_isJustBelowOrNoUnitMoreFits(long seed) {
        Graph graph = network(seed);
        ChannelGroups groups = ChannelGroups.of(graph);
        if (groups.units() == 0 || Cost.of(graph).macs() == 0) {
            return;
        }
        SplittableRandom random = new SplittableRandom(seed);
        int multiple = random.nextInt(4) == 0 ? 2 : 1;
        double[] order = order(groups, graph, random);
        BudgetCut cut = new BudgetCut(groups, graph, order, multiple, UnaryOperator.identity());
        int kind = random.nextInt(3);
        List<CostLimit> limits = random.nextBoolean()
                ? List.of(limit(graph, kind, random))
                : List.of(limit(graph, kind, random), limit(graph, (kind + 1) % 3, random));
        KeptUnits kept = cut.within(limits);
        double share = cut.share(kept, limits);

        if (share > 1) {
            assertArrayEquals(cut.smallest().kept(), kept.kept(), "only the smallest network may exceed a limit");
        } else if (share < 0.98) {
            requireFull(cut, kept, limits, more -> KeptUnits.of(groups, more, order, multiple));
        }
    }

    private static double[] order(ChannelGroups groups, Graph graph, SplittableRandom random) {
        double[] importance =
                random.doubles(groups.units()).map(d -> Math.exp(8 * d)).toArray();
        double[] cost = UnitCosts.of(groups, graph, Cost::macsPerExample);
        return UnitCosts.perCost(importance, cost);
    }

    private static CostLimit limit(Graph graph, int kind, SplittableRandom random) {
        double share = Math.exp(-3 * random.nextDouble());
        return new CostLimit("cost " + kind, share * cost(kind).applyAsDouble(graph), 0.01, cost(kind));
    }

    private static void requireFull(
            BudgetCut cut, KeptUnits kept, List<CostLimit> limits, Function<boolean[], KeptUnits> close) {
        for (int u = 0; u < kept.kept().length; u++) {
            boolean[] more = kept.kept();
            more[u] = true;
            KeptUnits closed = close.apply(more);
            assertTrue(
                    Arrays.equals(closed.kept(), kept.kept()) || cut.share(closed, limits) > 1,
                    "unit " + u + " still fits at " + cut.share(kept, limits) + " of the limits of " + limits
                            + " and then " + cut.share(closed, limits));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenet-fc", "lenet5", "resnet20", "mobilenetv2-like"})
    void within_networkOfTheZoo_isWithinTwoPercentBelow(String name) {
        Graph graph = Zoo.build(name, 1);
        ChannelGroups groups = ChannelGroups.of(graph);
        SplittableRandom random = new SplittableRandom(3);
        BudgetCut cut = new BudgetCut(groups, graph, order(groups, graph, random), 1, UnaryOperator.identity());
        for (int kind = 0; kind < 3; kind++) {
            for (double share : new double[] {0.7, 0.3}) {
                List<CostLimit> limits =
                        List.of(new CostLimit("cost", share * cost(kind).applyAsDouble(graph), 0.01, cost(kind)));
                double reached = cut.share(cut.within(limits), limits);
                assertTrue(reached <= 1 && reached >= 0.98, name + " at " + share + ": " + reached + " of the limit");
            }
        }
    }

    @Test
    void smallest_anyNetwork_leavesOneUnitInEachGroup() {
        Graph graph = Zoo.build("resnet20:0.25", 1);
        ChannelGroups groups = ChannelGroups.of(graph);
        BudgetCut cut = new BudgetCut(
                groups, graph, order(groups, graph, new SplittableRandom(1)), 1, UnaryOperator.identity());
        KeptUnits kept = cut.smallest();

        groups.count(kept.kept()).forEach((name, n) -> assertEquals(1, n, name));
    }

    @Test
    void fewest_conditionOnTheCount_isTheLeastThatHolds() {
        Graph graph = Zoo.build("lenet-fc:0.1", 1);
        ChannelGroups groups = ChannelGroups.of(graph);
        double[] order = new double[groups.units()];
        Arrays.setAll(order, u -> u % 7);
        BudgetCut cut = new BudgetCut(groups, graph, order, 1, UnaryOperator.identity());
        KeptUnits kept = cut.fewest(k -> count(k) >= 60);

        assertEquals(60, count(kept));
        assertEquals(groups.units(), count(cut.fewest(k -> false)));
        assertEquals(count(cut.smallest()), count(cut.fewest(k -> true)));
    }

    private static int count(KeptUnits kept) {
        int n = 0;
        for (boolean k : kept.kept()) {
            n += k ? 1 : 0;
        }
        return n;
    }

    @Test
    void of_denseLayers_isWhatAUnitTakes() {
        Graph graph = Zoo.build("lenet-fc", 1);
        ChannelGroups groups = ChannelGroups.of(graph);
        double[] macs = UnitCosts.of(groups, graph, Cost::macsPerExample);
        double[] parameters = UnitCosts.of(groups, graph, g -> Cost.of(g).parameters());
        for (ChannelGroup g : groups.groups()) {
            int read = g.name().equals("fc1") ? 784 + 300 : g.name().equals("fc2") ? 500 + 10 : 500;
            assertEquals(read, macs[g.offset()], 1e-9, g.name());
            int biases = g.kind() == ChannelGroup.Kind.CHANNELS ? 1 : 0;
            assertEquals(read + biases, parameters[g.offset()], 1e-9, g.name());
        }
    }
}
