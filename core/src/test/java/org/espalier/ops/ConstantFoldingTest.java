package org.espalier.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.espalier.shapes.InferredShapes;
import org.espalier.testing.ForeignBuilder;
import org.junit.jupiter.api.Test;

/** What nodes compute from constants alone. */
class ConstantFoldingTest {
    private final ForeignBuilder b = new ForeignBuilder("folding", 1);

    private double[] folded(String value) {
        b.output(b.op("Add", List.of(b.input("x", 1), b.op("Cast", value, "to", 1))), 4);
        return Objects.requireNonNull(InferredShapes.infer(b.build(1), 1).constant(value))
                .toDoubles();
    }

    @Test
    void mod_ofIntegers() {
        assertThat(folded(b.op("Mod", List.of(b.longs(0, 2, 5, 9), b.longs(3)))))
                .containsExactly(0, 2, 2, 0);
    }

    @Test
    void comparisons_andLogic() {
        String atLeastTwo = b.op("GreaterOrEqual", List.of(b.longs(0, 2, 5, 9), b.longs(2)));
        String atMostFive = b.op("LessOrEqual", List.of(b.longs(0, 2, 5, 9), b.longs(5)));
        String both = b.op("And", List.of(atLeastTwo, atMostFive));
        assertThat(folded(b.op("Or", List.of(both, b.op("Not", atLeastTwo))))).containsExactly(1, 1, 1, 0);
    }

    @Test
    void scatterNd_ofConstants_countsFromTheEndToo() {
        String places = b.op("Reshape", List.of(b.longs(1, -1), b.longs(2, 1)));
        String put = b.op("ScatterND", List.of(b.longs(5, 6, 7, 8), places, b.longs(1, 2)));
        assertThat(folded(put)).containsExactly(5, 1, 7, 2);
    }
}
