package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.espalier.onnx.OnnxReader;
import org.jspecify.annotations.Nullable;

/** Test data and comparisons. */
final class Fixtures {
    private Fixtures() {}

    /** A folder of the shared test data, found in a parent of the working directory; null where it is missing. */
    static @Nullable Path shared(String folder) {
        Path here = Path.of("").toAbsolutePath();
        while (here != null) {
            Path candidate = here.resolve("shared").resolve(folder);
            if (Files.isDirectory(candidate)) {
                return candidate;
            }
            here = here.getParent();
        }
        return null;
    }

    /** Reads a serialised {@code TensorProto}. */
    static TensorData readTensor(Path file) throws IOException {
        OnnxMl.TensorProto proto = OnnxMl.TensorProto.parseFrom(Files.readAllBytes(file)).toBuilder()
                .setName("t")
                .build();
        OnnxMl.ModelProto model = OnnxMl.ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(OnnxMl.GraphProto.newBuilder()
                        .setName("one")
                        .addInitializer(proto)
                        .addNode(OnnxMl.NodeProto.newBuilder()
                                .setOpType("Identity")
                                .addInput("t")
                                .addOutput("y"))
                        .addOutput(OnnxMl.ValueInfoProto.newBuilder()
                                .setName("y")
                                .setType(OnnxMl.TypeProto.newBuilder()
                                        .setTensorType(OnnxMl.TypeProto.Tensor.newBuilder()
                                                .setElemType(proto.getDataType())))))
                .build();
        TensorData t = OnnxReader.read(model.toByteArray(), file.toString()).initializer("t");
        if (t == null) {
            throw new IOException(file + ": no tensor");
        }
        return t;
    }

    /** Uniform numbers in [low, high). */
    static TensorData random(SplittableRandom random, ElementType type, double low, double high, long... shape) {
        double[] values = random.doubles(TensorData.elements(shape), low, high).toArray();
        if (type == ElementType.DOUBLE) {
            return TensorData.ofDoubles(values, shape);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return TensorData.ofFloats(floats, shape);
    }

    /** A value that must be there. */
    static <T> T require(@Nullable T value) {
        if (value == null) {
            throw new AssertionError("a value is missing");
        }
        return value;
    }

    /** Shape first, then every element within {@code relative · |expected| + absolute}; NaN equals only NaN. */
    static void assertClose(String what, TensorData actual, TensorData expected, double relative, double absolute) {
        assertThat(actual.shape()).as("%s: shape", what).isEqualTo(expected.shape());
        for (int i = 0; i < expected.elements(); i++) {
            double a = actual.getDouble(i);
            double e = expected.getDouble(i);
            boolean close =
                    Double.isNaN(e) ? Double.isNaN(a) : a == e || Math.abs(a - e) <= relative * Math.abs(e) + absolute;
            if (!close) {
                throw new AssertionError(String.format(
                        Locale.ROOT, "%s: element %d of %s, expected %s, found %s", what, i, expected, e, a));
            }
        }
    }
}
