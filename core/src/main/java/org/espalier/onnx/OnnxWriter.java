package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.io.AtomicFile;
import org.espalier.io.IoProblem;

/**
 * Graphs to ONNX files. A file appears complete or not at all, and the same graph always gives the same bytes.
 *
 * <p>The IR version is the oldest that fits the operator set, and 8 for operator sets up to 18, so that runtimes of the last years read it.
 * Weights of a network that does not fit one protobuf message of 2 GB go into a second file, {@code NAME.data}, as external data. Both are
 * complete before either is moved into place, but no file system moves two at once: where such a network replaces another one, a crash between
 * the moves leaves the old file beside the new data.
 */
public final class OnnxWriter {
    /** Weights of more bytes than this leave the model's file; the rest of 2 GB is room for everything else. */
    private static final long LARGEST_MODEL = Integer.MAX_VALUE - (64L << 20);

    /** Tensors below this size always stay in the model's file: runtimes want shapes and the like there. */
    private static final int SMALLEST_EXTERNAL = 1024;

    private static final int ALIGNMENT = 4096;
    private static final int BUFFER = 1 << 16;
    private static final String VERSION = version();

    private OnnxWriter() {}

    /**
     * Writes a graph.
     *
     * @param graph the network
     * @param file the file
     * @throws OnnxException if the file cannot be written; what was at its place before is then still there, but for data beside it that
     *     were replaced already
     */
    public static void write(Graph graph, Path file) {
        write(graph, file, AtomicFile.Guard.NONE);
    }

    /**
     * Writes a graph where a guard allows it.
     *
     * @param graph the network
     * @param file the file
     * @param guard is asked for the model's file, and for the one with its weights if there is one, before either is moved into place
     * @throws OnnxException as {@link #write(Graph, Path)}
     */
    public static void write(Graph graph, Path file, AtomicFile.Guard guard) {
        write(graph, file, LARGEST_MODEL, guard);
    }

    /** The same with another bound on the bytes of weights inside the model's file. */
    static void write(Graph graph, Path file, long largestModel) {
        write(graph, file, largestModel, AtomicFile.Guard.NONE);
    }

    private static void write(Graph graph, Path file, long largestModel, AtomicFile.Guard guard) {
        if (Files.isDirectory(file) || file.getFileName() == null) {
            throw new OnnxException(file.toString(), "cannot be written: is a folder");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new OnnxException(file.toString(), "cannot be written: is not a regular file");
        }
        Path dataFile = file.resolveSibling(file.getFileName() + ".data");
        Map<String, Long> offsets = weightBytes(graph) > largestModel ? layOut(graph) : Map.of();
        try (AtomicFile model = new AtomicFile(file);
                AtomicFile data = new AtomicFile(dataFile)) {
            ModelProto proto =
                    encode(graph, new GraphEncoder.External(String.valueOf(dataFile.getFileName()), offsets));
            if (!offsets.isEmpty()) {
                data.write(channel -> writeData(graph, offsets, channel));
            }
            model.write(channel -> {
                CodedOutputStream out = CodedOutputStream.newInstance(Channels.newOutputStream(channel), BUFFER);
                proto.writeTo(out);
                out.flush();
            });
            model.check(guard);
            if (!offsets.isEmpty()) {
                data.check(guard);
                data.commit();
            }
            model.commit();
        } catch (IOException e) {
            throw new OnnxException(file.toString(), "cannot be written: " + IoProblem.ofWriting(file, e), e);
        } catch (OnnxException e) {
            throw e;
        } catch (GraphException e) {
            throw new OnnxException(file.toString(), String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The bytes that {@link #write(Graph, Path)} would write.
     *
     * @param graph the network
     * @return the bytes that {@link #write(Graph, Path)} would write
     * @throws OnnxException if the graph does not fit one array
     */
    public static byte[] toBytes(Graph graph) {
        if (weightBytes(graph) > LARGEST_MODEL) {
            throw new OnnxException("graph '" + graph.name() + "'", "does not fit an array of 2 GB, expected a file");
        }
        return encode(graph, GraphEncoder.External.NONE).toByteArray();
    }

    private static ModelProto encode(Graph graph, GraphEncoder.External external) {
        long inside = attributeBytes(graph);
        for (Map.Entry<String, TensorData> e : graph.initializers().entrySet()) {
            inside += external.offsets().containsKey(e.getKey())
                    ? 0
                    : e.getValue().data().remaining();
        }
        if (inside > LARGEST_MODEL) {
            throw new GraphException("graph '" + graph.name() + "': constants inside nodes take " + inside
                    + " bytes, expected less than 2 GB");
        }
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(irVersion(graph.opset()))
                .setProducerName("espalier")
                .setProducerVersion(VERSION)
                .setGraph(GraphEncoder.encode(graph, external));
        new TreeMap<>(graph.opsets())
                .forEach((domain, version) -> model.addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
        graph.metadata().forEach((key, value) -> model.addMetadataProps(GraphEncoder.entry(key, value)));
        return model.build();
    }

    /** The oldest IR version whose ONNX release had the operator set, at least 8 (ONNX 1.10, August 2021). */
    static long irVersion(long opset) {
        if (opset <= 18) {
            return 8;
        }
        if (opset <= 20) {
            return 9;
        }
        if (opset <= 22) {
            return 10;
        }
        if (opset <= 23) {
            return 11;
        }
        return opset <= 24 ? 12 : 13;
    }

    private static long attributeBytes(Graph graph) {
        long bytes = 0;
        for (Node n : graph.nodes()) {
            for (Attribute a : n.attributes().values()) {
                if (a instanceof Attribute.OfTensor t) {
                    bytes += t.value().data().remaining();
                } else if (a instanceof Attribute.Opaque o) {
                    bytes += o.proto().remaining();
                }
            }
        }
        return bytes;
    }

    private static long weightBytes(Graph graph) {
        long bytes = attributeBytes(graph);
        for (TensorData t : graph.initializers().values()) {
            bytes += t.data().remaining();
        }
        return bytes;
    }

    /** Offsets of the tensors that go into the data file, aligned so that runtimes can map them. */
    private static Map<String, Long> layOut(Graph graph) {
        Map<String, Long> offsets = new LinkedHashMap<>();
        long end = 0;
        for (Map.Entry<String, TensorData> e : graph.initializers().entrySet()) {
            int bytes = e.getValue().data().remaining();
            if (bytes >= SMALLEST_EXTERNAL) {
                long start = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                offsets.put(e.getKey(), start);
                end = start + bytes;
            }
        }
        return offsets;
    }

    private static void writeData(Graph graph, Map<String, Long> offsets, FileChannel channel) throws IOException {
        for (Map.Entry<String, Long> e : offsets.entrySet()) {
            TensorData tensor = graph.initializers().get(e.getKey());
            if (tensor == null) {
                throw new IllegalStateException("no initializer '" + e.getKey() + "'");
            }
            ByteBuffer bytes = tensor.data();
            long position = e.getValue();
            while (bytes.hasRemaining()) {
                // In pieces: the JDK copies what is not a direct buffer, all of one call at once.
                ByteBuffer piece = bytes.slice(bytes.position(), Math.min(bytes.remaining(), BUFFER));
                int written = channel.write(piece, position);
                bytes.position(bytes.position() + written);
                position += written;
            }
        }
    }

    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = OnnxWriter.class.getResourceAsStream("version.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "");
    }
}
