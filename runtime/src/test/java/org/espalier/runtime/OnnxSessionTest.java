package org.espalier.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.onnx.OnnxWriter;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxSessionTest {
    private static final Graph LENET = Zoo.build("lenet-300-100", 7);

    @Test
    void run_fileBytesAndGraph_giveTheSame(@TempDir Path folder) {
        Path file = folder.resolve("model.onnx");
        OnnxWriter.write(LENET, file);
        try (OnnxSession a = OnnxSession.open(LENET, 1);
                OnnxSession b = OnnxSession.open(file, 2)) {
            assertThat(a.inputs()).isEqualTo(LENET.inputs());
            assertThat(a.outputs()).isEqualTo(LENET.outputs());
            Map<String, TensorData> inputs = Inputs.random(a.inputs(), 3, Map.of(), 1);
            Map<String, TensorData> first = a.run(inputs);
            assertThat(first).containsOnlyKeys("logits");
            TensorData logits = Objects.requireNonNull(first.get("logits"));
            assertThat(logits.shape()).containsExactly(3, 10);
            assertThat(logits.toFloats()).isNotEqualTo(new float[30]);
            assertThat(Agreement.check(a, b, List.of(inputs)).holds()).isTrue();
        }
    }

    @Test
    void open_notAModel_saysWhichAndIsRefused() {
        assertThatThrownBy(() -> OnnxSession.open("nonsense".getBytes(StandardCharsets.UTF_8), "bad.onnx", 1))
                .isInstanceOfSatisfying(InferenceException.class, e -> assertThat(e.isModelRefused())
                        .isTrue())
                .hasMessageStartingWith("bad.onnx: ONNX Runtime cannot open it: ")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void run_wrongInputs_areNamed() {
        try (OnnxSession s = OnnxSession.open(LENET, 1)) {
            assertThatThrownBy(() -> s.run(Map.of()))
                    .isInstanceOf(InferenceException.class)
                    .hasMessage("graph 'lenet-300-100': input 'input' is missing, found []");
            assertThatThrownBy(() -> s.run(Map.of("input", TensorData.full(1, 1, 1, 28, 27))))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("cannot run it");
        }
    }
}
