package org.espalier.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxWriter;
import org.espalier.platform.ThreadLimit;

/** A network opened in ONNX Runtime on the CPU. Owns native memory until closed. */
public final class OnnxSession implements AutoCloseable {
    private final String name;
    private final OrtSession session;
    private final List<Value> inputs;
    private final List<Value> outputs;

    private OnnxSession(String name, OrtSession session) throws OrtException {
        this.name = name;
        this.session = session;
        this.inputs = values(session.getInputInfo().values());
        this.outputs = values(session.getOutputInfo().values().stream()
                .filter(OtherOutputs::isNumbers)
                .toList());
    }

    /**
     * Opens a graph.
     *
     * @param graph the network
     * @param threads how many compute one operator, 1 to four times the processors
     * @return the open network; the caller closes it
     * @throws InferenceException if ONNX Runtime refuses the network
     */
    public static OnnxSession open(Graph graph, int threads) {
        return open(OnnxWriter.toBytes(graph), "graph '" + graph.name() + "'", threads);
    }

    /**
     * Opens a model in memory.
     *
     * @param model the content of an ONNX file
     * @param name how errors call it
     * @param threads how many compute one operator, 1 to four times the processors
     * @return the open network; the caller closes it
     * @throws InferenceException if ONNX Runtime refuses the network
     */
    public static OnnxSession open(byte[] model, String name, int threads) {
        return open(name, threads, (environment, options) -> environment.createSession(model, options));
    }

    /**
     * Opens a file, with the external data that it refers to.
     *
     * @param file an ONNX file
     * @param threads how many compute one operator, 1 to four times the processors
     * @return the open network; the caller closes it
     * @throws InferenceException if ONNX Runtime refuses the network
     */
    public static OnnxSession open(Path file, int threads) {
        return open(
                file.toString(),
                threads,
                (environment, options) -> environment.createSession(file.toString(), options));
    }

    @FunctionalInterface
    private interface Opener {
        OrtSession open(OrtEnvironment environment, OrtSession.SessionOptions options) throws OrtException;
    }

    private static OnnxSession open(String name, int threads, Opener opener) {
        ThreadLimit.require("threads", threads);
        OrtEnvironment environment = environment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            OrtSession session = opener.open(environment, options);
            try {
                return new OnnxSession(name, session);
            } catch (OrtException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw InferenceException.refused(name, e);
        }
    }

    /**
     * Loads ONNX Runtime, if it is not loaded.
     *
     * @throws LinkageError if it cannot be loaded
     */
    public static void load() {
        environment();
    }

    /** To be asked before anything else of ONNX Runtime's, which loads its libraries. */
    private static OrtEnvironment environment() {
        OrtLibraries.prepare();
        return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "espalier");
    }

    private List<Value> values(Collection<NodeInfo> infos) {
        List<Value> values = new ArrayList<>();
        for (NodeInfo info : infos) {
            if (!(info.getInfo() instanceof TensorInfo tensor)) {
                throw new InferenceException(name + ": value '" + info.getName() + "' must be a tensor, found "
                        + info.getInfo().getClass().getSimpleName());
            }
            long[] shape = tensor.getShape();
            String[] symbols = tensor.getDimensionNames();
            List<Dimension> dimensions = new ArrayList<>();
            for (int axis = 0; axis < shape.length; axis++) {
                dimensions.add(shape[axis] < 0 ? Dimension.symbol(symbols[axis]) : Dimension.of(shape[axis]));
            }
            values.add(new Value(info.getName(), TensorTypes.ofOrt(tensor.type, name, info.getName()), dimensions));
        }
        return List.copyOf(values);
    }

    /** {@return how messages call the network} */
    public String name() {
        return name;
    }

    /** {@return the inputs that a run must be given, in the file's order} */
    public List<Value> inputs() {
        return inputs;
    }

    /** {@return the outputs, in the file's order, but for texts and what is no tensor} */
    public List<Value> outputs() {
        return outputs;
    }

    /**
     * Computes all outputs.
     *
     * @param values one tensor per input, by name; floating-point numbers of another width are rounded to the input's
     * @return one tensor per output, by name, in the file's order; what is no tensor of numbers stands for what it holds, so that it can be
     *     compared
     * @throws InferenceException if inputs do not fit the network
     */
    public Map<String, TensorData> run(Map<String, TensorData> values) {
        try (Feed feed = feed(values);
                OrtSession.Result result = session.run(feed.tensors())) {
            Map<String, TensorData> computed = new LinkedHashMap<>();
            for (Map.Entry<String, OnnxValue> e : result) {
                computed.put(e.getKey(), tensor(e.getKey(), e.getValue()));
            }
            return computed;
        } catch (OrtException e) {
            throw InferenceException.failed(name, e);
        }
    }

    private TensorData tensor(String output, OnnxValue value) {
        if (!(value instanceof OnnxTensor t) || !OtherOutputs.isNumbers(t)) {
            return OtherOutputs.numbers(name, output, value);
        }
        ByteBuffer bytes = t.getByteBuffer();
        return TensorData.of(
                TensorTypes.ofOrt(t.getInfo().type, name, output),
                bytes,
                t.getInfo().getShape());
    }

    /** Copies inputs to native memory once, for {@link #execute} to use many times. */
    Feed feed(Map<String, TensorData> values) throws OrtException {
        for (Value input : inputs) {
            if (!values.containsKey(input.name())) {
                throw new InferenceException(
                        name + ": input '" + input.name() + "' is missing, found " + values.keySet());
            }
        }
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        Feed feed = new Feed(tensors);
        try {
            for (Map.Entry<String, TensorData> e : values.entrySet()) {
                tensors.put(e.getKey(), nativeTensor(wanted(e.getKey(), e.getValue())));
            }
            return feed;
        } catch (OrtException | RuntimeException e) {
            feed.close();
            throw e;
        }
    }

    /** Floating-point numbers in the width that an input has. */
    private TensorData wanted(String input, TensorData t) {
        for (Value v : inputs) {
            if (v.name().equals(input) && v.type().isFloating() && t.type().isFloating()) {
                return t.as(v.type());
            }
        }
        return t;
    }

    private static OnnxTensor nativeTensor(TensorData t) throws OrtException {
        ByteBuffer bytes = t.data();
        // ONNX Runtime takes typed data as bytes from direct buffers only.
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
        direct.put(bytes).flip();
        return OnnxTensor.createTensor(environment(), direct, t.shape(), TensorTypes.toOrt(t.type()));
    }

    /** Runs once and throws the outputs away. */
    void execute(Feed feed) throws OrtException {
        session.run(feed.tensors()).close();
    }

    /** Inputs in native memory. */
    record Feed(Map<String, OnnxTensor> tensors) implements AutoCloseable {
        @Override
        public void close() {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw InferenceException.failed(name, e);
        }
    }
}
