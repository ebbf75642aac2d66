package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Value;
import org.espalier.recipe.LayerChoice;
import org.espalier.recipe.PruningTask;
import org.junit.jupiter.api.Test;

class LabelledOutputTest {
    private static Graph endsWith(String op) {
        GraphBuilder b = new GraphBuilder("head", 1);
        String x = b.gemm("fc", b.input("x", 2), 2, 4);
        b.output("y", op.isEmpty() ? x : b.node("last", op, List.of(x), Map.of()), 4);
        return b.build();
    }

    /** As converters to half precision end a network whose outputs stay float32. */
    private static Graph castAtTheEnd(String op) {
        GraphBuilder b = new GraphBuilder("head", 1);
        String x = b.node("last", op, List.of(b.gemm("fc", b.input("x", 2), 2, 4)), Map.of());
        b.output("y", b.node("cast", "Cast", List.of(x), Map.of("to", Attribute.of(1))), 4);
        return b.build();
    }

    private static DataSet classes(String... names) {
        return DataSet.builder("d")
                .floats("x", new float[names.length][2], Normalization.identity(), 2)
                .classes(java.util.stream.IntStream.range(0, names.length).toArray(), List.of(names))
                .build();
    }

    @Test
    void of_lastOperator_saysWhatNumbersAre() {
        DataSet data = classes("a", "b", "c", "d");
        assertThat(LabelledOutput.of(endsWith(""), data, PruningTask.DEFAULT).kind())
                .isEqualTo(LabelledOutput.Kind.SCORES);
        assertThat(LabelledOutput.of(endsWith("Softmax"), data, PruningTask.DEFAULT)
                        .kind())
                .isEqualTo(LabelledOutput.Kind.PROBABILITIES);
        assertThat(LabelledOutput.of(endsWith("Sigmoid"), data, PruningTask.DEFAULT)
                        .kind())
                .isEqualTo(LabelledOutput.Kind.PROBABILITIES);
        assertThat(LabelledOutput.of(castAtTheEnd("Softmax"), data, PruningTask.DEFAULT)
                        .kind())
                .isEqualTo(LabelledOutput.Kind.PROBABILITIES);
    }

    /** Nothing but the data says how large pictures are. */
    @Test
    void of_sizesThatInputsLeaveOpen_areTheDatas() {
        Graph fixed = pictures(16);
        Graph free = InputMatch.withInputs(fixed, List.of(anySize()));
        DataSet pictures = DataSet.builder("d")
                .floats("x", new float[2][3 * 16 * 16], Normalization.identity(), 3, 16, 16)
                .targets(new float[2][16 * 16], 1, 16, 16)
                .build();
        assertThat(LabelledOutput.of(free, pictures, PruningTask.DEFAULT))
                .isEqualTo(LabelledOutput.of(fixed, pictures, PruningTask.DEFAULT));
        assertThat(LabelledOutput.of(free, pictures, PruningTask.DEFAULT).size())
                .isEqualTo(256);
        assertThat(LabelledOutput.shape(free, "y")).isEmpty();
        DataSet others = DataSet.builder("d")
                .floats("x", new float[2][3 * 16 * 16], Normalization.identity(), 3, 16, 16)
                .targets(new float[2][5], 5)
                .build();
        assertThatThrownBy(() -> LabelledOutput.of(free, others, PruningTask.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 256");
        LabelledOutput.requireClasses(free, null, "d", List.of("cat", "dog"));
    }

    private static Value anySize() {
        return new Value(
                "x",
                ElementType.FLOAT,
                List.of(Dimension.symbol("N"), Dimension.of(3), Dimension.symbol("h"), Dimension.symbol("w")));
    }

    private static Graph pictures(int size) {
        GraphBuilder b = new GraphBuilder("pictures", 1);
        b.output("y", b.conv("conv", b.input("x", 3, size, size), 3, 1, 3, 1, 1, 1, true), 1, size, size);
        return b.build();
    }

    /** Numbers say which score is meant; where one is missing in the middle, they would not. */
    @Test
    void of_fewerClassesThanScores_onlyIfTheyAreTheFirst() {
        assertThat(LabelledOutput.of(endsWith(""), classes("0", "1", "2"), PruningTask.DEFAULT)
                        .size())
                .isEqualTo(4);
        assertThatThrownBy(() -> LabelledOutput.of(endsWith(""), classes("0", "1", "3"), PruningTask.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one score per class");
    }

    /** A network that ends in scores does not say whether they are classes' unless labels do, or the task. */
    @Test
    void of_dataWithoutLabels_isAClassifierWhereTheTaskOrASoftmaxSaysSo() {
        DataSet data = unlabelled();
        PruningTask classifier = new PruningTask(null, true, LayerChoice.ALL);
        assertThat(LabelledOutput.of(endsWith(""), data, PruningTask.DEFAULT))
                .isEqualTo(new LabelledOutput("y", LabelledOutput.Kind.NUMBERS, 4, false));
        assertThat(LabelledOutput.of(endsWith(""), data, classifier))
                .isEqualTo(new LabelledOutput("y", LabelledOutput.Kind.SCORES, 4, false));
        assertThat(LabelledOutput.of(endsWith("Softmax"), data, PruningTask.DEFAULT))
                .isEqualTo(new LabelledOutput("y", LabelledOutput.Kind.PROBABILITIES, 4, false));
        assertThat(LabelledOutput.of(endsWith("Sigmoid"), data, PruningTask.DEFAULT)
                        .kind())
                .isEqualTo(LabelledOutput.Kind.NUMBERS);
        assertThat(LabelledOutput.of(endsWith("Sigmoid"), data, classifier).kind())
                .isEqualTo(LabelledOutput.Kind.PROBABILITIES);
        GraphBuilder b = new GraphBuilder("single", 1);
        b.output("y", b.gemm("fc", b.input("x", 2), 2, 1), 1);
        assertThat(LabelledOutput.of(b.build(), data, classifier))
                .isEqualTo(new LabelledOutput("y", LabelledOutput.Kind.SCORE, 1, false));
    }

    @Test
    void of_classifierWithoutOneScorePerClass_isAnError() {
        PruningTask classifier = new PruningTask(null, true, LayerChoice.ALL);
        GraphBuilder b = new GraphBuilder("map", 1);
        b.output("y", b.relu("last", b.input("x", 2, 3)), 2, 3);
        Graph map = b.build();
        DataSet pairs = DataSet.builder("d")
                .floats("x", new float[3][6], Normalization.identity(), 2, 3)
                .build();
        assertThatThrownBy(() -> LabelledOutput.of(map, pairs, classifier))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected [N, classes], found [N, 2, 3]");
        DataSet numbers = DataSet.builder("d")
                .floats("x", new float[3][2], Normalization.identity(), 2)
                .targets(new float[3][4], 4)
                .build();
        assertThatThrownBy(() -> LabelledOutput.of(endsWith(""), numbers, classifier))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be classes");
    }

    private static DataSet unlabelled() {
        return DataSet.builder("d")
                .floats("x", new float[3][2], Normalization.identity(), 2)
                .build();
    }

    @Test
    void of_classesCountedFromOne_saysSo() {
        DataSet fromOne = DataSet.builder("d")
                .floats("x", new float[4][2], Normalization.identity(), 2)
                .classes(new int[] {1, 2, 3, 4}, List.of("0", "1", "2", "3", "4"))
                .build();
        assertThatThrownBy(() -> LabelledOutput.of(endsWith(""), fromOne, PruningTask.DEFAULT))
                .hasMessageContaining("count them from 0");
        assertThatThrownBy(() -> LabelledOutput.of(endsWith(""), classes("0", "1", "2", "3", "4"), PruningTask.DEFAULT))
                .hasMessageContaining("one score per class")
                .message()
                .doesNotContain("count them from 0");
    }
}
