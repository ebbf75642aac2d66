package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.espalier.graph.GraphBuilder;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network with an input called y, whose data have labels under another name. */
class LabelsOptionTest {
    @TempDir
    private Path folder;

    private Path model;
    private String data;

    @BeforeEach
    void write() {
        GraphBuilder b = new GraphBuilder("sum", 1);
        b.output("out", b.node("sum", "Add", List.of(b.input("x", 2), b.input("y", 2)), Map.of()), 2);
        model = folder.resolve("sum.onnx");
        OnnxWriter.write(b.build(), model);
        // Scores (0, 3), (2, 0) and (0, 1): classes 1, 0 and 1.
        float[] x = {0, 1, 1, 0, 0, 0};
        float[] y = {0, 2, 1, 0, 0, 1};
        long[] oneHot = {0, 1, 1, 0, 1, 0};
        data = new Npz()
                .floats("x", x, 3, 2)
                .floats("y", y, 3, 2)
                .longs("answer", oneHot, 3, 2)
                .floats("test_x", x, 3, 2)
                .floats("test_y", y, 3, 2)
                .longs("test_answer", oneHot, 3, 2)
                .write(folder.resolve("data.npz"));
    }

    @Test
    void eval_labelsOfAnotherName_leavesYToTheNetwork() {
        Run run = Run.of("eval", model.toString(), "--data", data, "--labels", "answer");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("error 33.33 %, 1 of 3 examples wrong");
    }

    @Test
    void eval_labelsThatAreNotNamedOrNotThere_isOneLine() {
        Run unnamed = Run.of("eval", model.toString(), "--data", data);
        assertThat(unnamed.code()).isEqualTo(2);
        assertThat(unnamed.err().lines()).as(unnamed.err()).hasSize(1);
        Run missing = Run.of("eval", model.toString(), "--data", data, "--labels", "z");
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.err())
                .contains("the array of labels must be there, expected an array z")
                .doesNotContain("NpyHeader");
        Run digits = Run.of("eval", model.toString(), "--data", "digits", "--labels", "z");
        assertThat(digits.code()).isEqualTo(2);
        assertThat(digits.err()).contains("--labels is for an .npz");
    }
}
