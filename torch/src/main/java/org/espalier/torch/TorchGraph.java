package org.espalier.torch;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.torch.ops.ConstantKernels;
import org.espalier.torch.ops.Kernel;
import org.espalier.torch.ops.KernelCall;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/**
 * A graph executed by libtorch with autograd. Constants live on the device for as long as this object does; those
 * that are trained are leaves of autograd. Not safe for use by several threads at once.
 *
 * <p>A pass must run inside a {@link Scope}, which owns the results. Values inside the graph are let go as soon as
 * the last node that reads them has run; what the backward pass needs, autograd holds.
 */
public final class TorchGraph implements AutoCloseable {
    private final Graph graph;
    private final Device device;
    private final boolean images;
    private final List<PassStep> steps;
    private final Map<String, Tensor> values = new LinkedHashMap<>();
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Set<String> statistics;
    private final PaddedChannels padding;
    private final PaddedChannels halfPadding;

    /**
     * A graph on the device that the engine uses: the CPU unless another one was chosen.
     *
     * @param graph the network
     */
    public TorchGraph(Graph graph) {
        this(graph, Engine.device());
    }

    /**
     * Copies a graph's constants to a device.
     *
     * @param graph the network
     * @param device where it is to live
     * @throws GraphException if an operator cannot be executed
     */
    public TorchGraph(Graph graph, Device device) {
        Engine.start();
        this.graph = ConstantKernels.lift(graph);
        this.device = device;
        this.statistics = TrainedConstants.statistics(this.graph);
        this.images = this.graph.nodes().stream().anyMatch(this::isImageConvolution);
        this.padding = new PaddedChannels(this.graph, PaddedChannels.FLOATS);
        this.halfPadding = new PaddedChannels(this.graph, PaddedChannels.HALVES);
        this.steps = PassStep.of(this.graph);
        Set<String> trainable = TrainedConstants.trainable(this.graph);
        try (PointerScope scope = new PointerScope()) {
            this.graph.initializers().forEach((name, value) -> {
                // Integers are shapes, axes and indices, which are read in main memory.
                Tensor t = TensorConversions.toTorch(value);
                if (value.type().isFloating()) {
                    t = layout(name, t).to(device, t.scalar_type());
                }
                if (trainable.contains(name)) {
                    t.set_requires_grad(true);
                    parameters.put(name, t);
                }
                NativeHandles.keep(t);
                values.put(name, t);
            });
        }
    }

    private boolean isImageConvolution(Node n) {
        TensorData w = graph.initializer(n.input(1));
        return n.opType().equals("Conv") && w != null && w.rank() == 4;
    }

    /** Weights of image convolutions are kept with channels innermost. */
    private Tensor layout(String name, Tensor t) {
        boolean weight = graph.consumers(name).stream()
                .anyMatch(n -> isImageConvolution(n) && n.input(1).equals(name));
        return weight ? MemoryLayouts.channelsLast(t) : t;
    }

    /**
     * The graph that is executed, Constant nodes made initializers, with the values that it was created with.
     *
     * @return the graph
     */
    public Graph graph() {
        return graph;
    }

    /**
     * What is trained, by name, in the graph's order. The tensors belong to this object.
     *
     * @return a view
     */
    public Map<String, Tensor> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /**
     * Every constant, by name, in the graph's order. The tensors belong to this object.
     *
     * @return a view
     */
    public Map<String, Tensor> values() {
        return Collections.unmodifiableMap(values);
    }

    /**
     * The outputs for a graph with one input and one output.
     *
     * @param input its one input
     * @param mode how the pass is run
     * @return the outputs by name
     */
    public Tensor forward(Tensor input, PassMode mode) {
        if (graph.inputs().size() != 1 || graph.outputs().isEmpty()) {
            throw new GraphException("graph '" + graph.name() + "': must have one input, expected 1, found "
                    + graph.inputs().size());
        }
        Map<String, Tensor> out = forward(Map.of(graph.inputs().get(0).name(), input), Map.of(), mode);
        return out.values().iterator().next();
    }

    /**
     * Runs the graph.
     *
     * @param inputs the graph's inputs by name
     * @param overrides tensors to use in place of constants, or of values that nodes compute, by name; gradients flow
     *     into them
     * @param mode how the pass is run
     * @return the outputs by name in the graph's order, float32 also where {@link Precision#MIXED} computes in
     *     bfloat16; they belong to the open scope
     * @throws GraphException if an input is missing or an operator rejects what it gets
     */
    public Map<String, Tensor> forward(Map<String, Tensor> inputs, Map<String, Tensor> overrides, PassMode mode) {
        return forward(inputs, PassChanges.ofValues(overrides), mode);
    }

    /**
     * Runs the graph with changes; as {@link #forward(Map, Map, Mode)}.
     *
     * @param inputs the graph's inputs by name
     * @param changes what is done otherwise
     * @param mode how the pass is run
     * @return the outputs by name
     */
    public Map<String, Tensor> forward(Map<String, Tensor> inputs, PassChanges changes, PassMode mode) {
        try (EngineLease lease = Engine.lease();
                AutoGradMode recording = new AutoGradMode(mode.gradients())) {
            Engine.exact(mode.exact());
            return run(inputs, changes, mode);
        }
    }

    /**
     * The first node of a pass whose result is not finite; empty where all are. Infinities that stem from constants,
     * such as the mask of an attention, do not count while nothing becomes NaN.
     *
     * @param inputs by name
     * @param changes what is done otherwise
     * @param mode how the pass is run
     * @return the node
     * @throws GraphException as {@link #forward(Map, Changes, Mode)}
     */
    public Optional<Node> firstNotFinite(Map<String, Tensor> inputs, PassChanges changes, PassMode mode) {
        try (EngineLease lease = Engine.lease();
                AutoGradMode recording = new AutoGradMode(false)) {
            Engine.exact(mode.exact());
            Map<String, Tensor> known = known(inputs, changes);
            NotFiniteSearch search = new NotFiniteSearch(values);
            runSteps(known, changes, mode.withGradients(false), n -> search.isDone(n, known));
            return search.found();
        }
    }

    private Map<String, Tensor> run(Map<String, Tensor> inputs, PassChanges changes, PassMode mode) {
        Map<String, Tensor> known = known(inputs, changes);
        runSteps(known, changes, mode, n -> false);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (Value v : graph.outputs()) {
            Tensor y = result(known, v.name());
            boolean half = y.scalar_type().intern() == ScalarType.BFloat16;
            outputs.put(v.name(), half && mode.precision() == Precision.MIXED ? y.to(ScalarType.Float) : y);
        }
        return outputs;
    }

    /** What is known before the first node runs. */
    private Map<String, Tensor> known(Map<String, Tensor> inputs, PassChanges changes) {
        Map<String, Tensor> known = new HashMap<>(values);
        for (Value v : graph.inputs()) {
            Tensor given = inputs.get(v.name());
            if (given == null) {
                throw new GraphException("graph '" + graph.name() + "': input '" + v.name() + "' must be given, found "
                        + inputs.keySet());
            }
            known.put(v.name(), given);
        }
        known.putAll(changes.values());
        return known;
    }

    /** Runs the nodes in their order, up to one after which it is enough. */
    private void runSteps(Map<String, Tensor> known, PassChanges changes, PassMode mode, Predicate<Node> enough) {
        Set<String> changed = changedConstants(changes);
        KernelCall.Settings settings = new KernelCall.Settings(
                mode.batchStatistics(), mode.dropout(), mode.precision() == Precision.MIXED, images);
        PaddedChannels channels = settings.mixed() ? halfPadding : padding;
        boolean pads = mode.gradients() && images && device.is_cpu() && channels.allows(changes);
        for (PassStep step : steps) {
            runStep(step, known, changes, changed, settings, pads ? channels : null);
            if (enough.test(step.node())) {
                return;
            }
            letGo(step, known, changes);
        }
    }

    /** Frees what no later node reads. */
    private static void letGo(PassStep step, Map<String, Tensor> known, PassChanges changes) {
        for (String name : step.lastUses()) {
            if (!changes.values().containsKey(name)) {
                Tensor done = known.remove(name);
                if (done != null) {
                    done.close();
                }
            }
        }
    }

    /** What must not be taken for the constant that the graph holds. */
    private Set<String> changedConstants(PassChanges changes) {
        Set<String> changed = new HashSet<>(changes.values().keySet());
        for (WeightMultiplier m : changes.multipliers()) {
            if (!values.containsKey(m.weight())) {
                throw new GraphException("graph '" + graph.name() + "': there is no constant '" + m.weight()
                        + "' to multiply, expected one of " + values.keySet());
            }
            changed.add(m.weight());
        }
        return changed;
    }

    private Tensor result(Map<String, Tensor> known, String name) {
        Tensor t = known.get(name);
        if (t == null) {
            throw new GraphException("graph '" + graph.name() + "': value '" + name + "' was not computed");
        }
        return t;
    }

    private void runStep(
            PassStep step,
            Map<String, Tensor> known,
            PassChanges changes,
            Set<String> changed,
            KernelCall.Settings settings,
            @Nullable PaddedChannels padded) {
        Node n = step.node();
        @Nullable Tensor[] in = new Tensor[n.inputs().size()];
        for (int i = 0; i < in.length; i++) {
            in[i] = n.hasInput(i) ? result(known, n.input(i)) : null;
        }
        PointerScope outer = PointerScope.getInnerScope();
        if (outer == null) {
            throw new IllegalStateException(
                    "graph '" + graph.name() + "': a pass must run inside a Scope, found none open");
        }
        try (PointerScope temporaries = new PointerScope()) {
            Tensor[] out;
            @Nullable Tensor[] own = in.clone();
            try {
                multiply(n, in, changes.multipliers(), settings);
                StatisticsMask counted = changes.counted(n);
                counted.pick(in);
                if (padded != null) {
                    padded.pad(n, in, settings.mixed());
                }
                KernelCall call = new KernelCall(n, graph.opset(), in, step.constants(changed), settings, outer);
                Tensor variance =
                        LocalReparametrization.applies(n) ? changes.variances().get(n.input(1)) : null;
                Kernel operator = step.operator(changes);
                out = variance == null ? operator.run(call) : LocalReparametrization.sample(operator, call, variance);
                counted.widen(out);
                if (padded != null && settings.batchStatistics()) {
                    padded.keepStatistics(n, own, in);
                }
            } catch (GraphException e) {
                throw e;
            } catch (RuntimeException e) {
                throw KernelFailure.of(n, own, e);
            }
            for (int i = 0; i < n.outputs().size(); i++) {
                String name = n.output(i);
                if (name.isEmpty() || changes.values().containsKey(name)) {
                    continue;
                }
                if (i >= out.length) {
                    throw new GraphException(n.label() + ": output " + i
                            + " is not supported for training, expected at most " + out.length + " outputs");
                }
                Tensor y = isOneOf(out[i], in) ? new Tensor(out[i]) : out[i];
                outer.attach(y);
                known.put(name, y);
            }
        }
    }

    private static void multiply(
            Node n, @Nullable Tensor[] in, List<WeightMultiplier> multipliers, KernelCall.Settings settings) {
        for (WeightMultiplier m : multipliers) {
            for (int i = 0; i < in.length; i++) {
                if (n.input(i).equals(m.weight())) {
                    m.apply(n, in, i, settings.mixed());
                }
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // asks for the same handle, not for equal tensors
    private static boolean isOneOf(Tensor t, @Nullable Tensor[] all) {
        for (Tensor other : all) {
            if (t == other) {
                return true;
            }
        }
        return false;
    }

    /**
     * The trained constants and running statistics as they are now, by name.
     *
     * @return copies by name
     */
    public Map<String, TensorData> state() {
        Map<String, TensorData> out = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            values.forEach((name, t) -> {
                if (parameters.containsKey(name) || statistics.contains(name)) {
                    out.put(name, TensorConversions.toGraph(t));
                }
            });
        }
        return out;
    }

    /**
     * Puts values that {@link #state} returned back in place.
     *
     * @param state what it returned
     */
    public void load(Map<String, TensorData> state) {
        try (PointerScope scope = new PointerScope();
                AutoGradMode off = new AutoGradMode(false)) {
            Set<String> expected = state().keySet();
            if (!state.keySet().equals(expected)) {
                throw new GraphException("graph '" + graph.name() + "': state must hold the same names, expected "
                        + expected + ", found " + state.keySet());
            }
            state.forEach((name, value) -> {
                Tensor t = result(values, name);
                if (!java.util.Arrays.equals(TensorConversions.shape(t), value.shape())) {
                    throw new GraphException("state '" + name + "': shape must be the parameter's, expected "
                            + java.util.Arrays.toString(TensorConversions.shape(t)) + ", found " + value);
                }
            });
            state.forEach((name, value) -> result(values, name).copy_(TensorConversions.toTorch(value)));
        }
    }

    /** Frees the constants. */
    @Override
    public void close() {
        values.values().forEach(NativeHandles::release);
        values.clear();
        parameters.clear();
    }
}
