package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.objective.InputMatch;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.TrainingListener;
import org.espalier.recipe.Recipe;
import org.espalier.torch.Engine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs of networks that leave sizes of their inputs open. */
class FreeSizesRunTest {
    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    /** Runs, and notes the multiply-accumulates after each epoch. */
    private static PruningOutcome run(Graph graph, Recipe recipe, List<Long> macs) {
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onEpoch(EpochMetrics metrics) {
                macs.add(metrics.macs());
            }
        };
        return new PruningRun(graph, Toy.digits(), recipe, Toy.SBP, listener).run();
    }

    /** What units cost follows from the data where the network leaves its inputs' sizes open, and they stay so. */
    @Test
    void run_networkThatTakesPicturesOfAnySize_isAsForTheDatasSize() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 1;
        s.pruneEpochs = 3;
        s.finetuneEpochs = 1;
        Graph fixed = Toy.convolutional();
        Graph free = InputMatch.withInputs(
                fixed,
                List.of(new Value(
                        "input",
                        ElementType.FLOAT,
                        List.of(
                                Dimension.symbol("N"),
                                Dimension.of(1),
                                Dimension.symbol("h"),
                                Dimension.symbol("w")))));
        List<Long> one = new ArrayList<>();
        List<Long> other = new ArrayList<>();
        PruningOutcome expected = run(fixed, s.recipe(), one);
        PruningOutcome out = run(free, s.recipe(), other);
        PruningRunTest.assertSame(out, expected);
        assertThat(other).isEqualTo(one).hasSize(5);
        for (Graph g : List.of(out.original(), out.trained(), out.masked(), out.pruned())) {
            assertThat(g.inputs()).isEqualTo(free.inputs());
        }
    }
}
