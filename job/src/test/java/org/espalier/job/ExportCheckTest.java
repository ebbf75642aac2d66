package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.espalier.data.DataSet;
import org.espalier.data.sources.DataSets;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.onnx.OnnxWriter;
import org.espalier.runtime.InferenceException;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCheckTest {
    private static final Graph NETWORK = Zoo.build("lenet-300-100", 1);
    private static final DataSet DATA = DataSets.digits(10, 300, 1).test();

    @TempDir
    private Path folder;

    private ExportCheck prove(Graph written) {
        Path file = folder.resolve("pruned.onnx");
        OnnxWriter.write(written, file);
        return ExportCheck.of(SourceModel.of("network", NETWORK), NETWORK, written, file, DATA);
    }

    @Test
    void sameNetwork_agrees() {
        assertThat(prove(NETWORK).maxAbsDifference()).isZero();
    }

    @Test
    void networkThatComputesSomethingElse_fails() {
        String bias = NETWORK.initializers().keySet().stream()
                .filter(name -> name.endsWith("bias"))
                .reduce("", (a, b) -> b);
        float[] values = Objects.requireNonNull(NETWORK.initializer(bias)).toFloats();
        values[3] += 0.5f;
        Graph wrong = NETWORK.withInitializers(Map.of(bias, TensorData.ofFloats(values, values.length)));
        assertThatThrownBy(() -> prove(wrong))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("differ");
    }
}
