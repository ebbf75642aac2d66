package org.espalier.prepare;

import java.util.ArrayList;
import java.util.List;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.onnx.OnnxReader;
import org.espalier.onnx.OnnxWriter;
import org.espalier.ops.OperatorTable;
import org.espalier.shapes.Cost;
import org.espalier.testing.Fuzzer;
import org.espalier.testing.RandomForeign;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reading, preparing and analysing damaged ONNX files: {@link Fuzzer}. */
@Tag("slow")
class AnalysisFuzzTest {
    @Test
    void onnx_damaged_isAnalysedOrRefused() {
        List<byte[]> corpus = new ArrayList<>();
        for (String network : List.of("lenet5:0.1", "resnet20:0.1")) {
            byte[] bytes = OnnxWriter.toBytes(Zoo.build(network, 1));
            if (bytes.length < 1 << 16) {
                corpus.add(bytes);
            }
        }
        for (int seed = 0; seed < 30; seed++) {
            byte[] bytes = OnnxWriter.toBytes(RandomForeign.of(seed));
            if (bytes.length < 1 << 15) {
                corpus.add(bytes);
            }
        }
        List<String> words = new ArrayList<>(OperatorTable.names());
        words.addAll(List.of("axis", "axes", "pads", "strides", "dilations", "group", "perm", "kernel_shape"));
        Fuzzer.assertTakenOrRefused("ONNX", corpus, words, file -> {
            try {
                Graph graph = PreparedGraph.of(OnnxReader.read(file, "f.onnx")).graph();
                Cost.of(graph);
                ChannelGroups.of(graph);
                return "";
            } catch (GraphException e) {
                return "refused: " + e.getMessage();
            }
        });
    }
}
