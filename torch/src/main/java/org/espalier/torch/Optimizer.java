package org.espalier.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.TensorData;
import org.espalier.torch.ops.TensorConversions;

/**
 * Updates parameters by their gradients, each group by its own {@link Rule}, on libtorch's fused kernels, which
 * update a whole group in one pass over memory.
 *
 * <p>Its state is this class's own, so that it can be saved, restored bit for bit, and cut when channels are removed:
 * take {@link #state}, {@link Moments#take slice it}, and {@link #load} it into an optimizer over the smaller
 * parameters.
 */
public final class Optimizer implements AutoCloseable {
    /** How a gradient changes a parameter. */
    public enum Rule {
        /** Kingma, Ba: "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1. */
        ADAM("aten::_fused_adamw_"),
        /** The same with weight decay as an L2 penalty: its gradient goes through the moments like the loss's. */
        ADAM_L2("aten::_fused_adam_"),
        /**
         * Gradient descent with Nesterov's momentum (Sutskever et al.: "On the importance of initialization and
         * momentum in deep learning", ICML 2013), the momentum a sum of gradients: its steps are 1 / (1 − momentum)
         * as long as the rate says.
         */
        SGD("aten::_fused_sgd_");

        private final String kernel;

        Rule(String kernel) {
            this.kernel = kernel;
        }
    }

    /**
     * Parameters that share their settings.
     *
     * @param learningRate the learning rate to start with; see {@link Optimizer#setLearningRate}
     * @param beta1 Adam's decay rate of the mean gradient; the momentum of SGD
     * @param beta2 Adam's decay rate of the mean squared gradient
     * @param epsilon what Adam adds to the root of that mean
     */
    public record Group(
            String name,
            Map<String, Tensor> parameters,
            Rule rule,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon) {
        /**
         * A group with Adam's usual β₁ = 0.9, β₂ = 0.999, ε = 1e-8, which serve as SGD's momentum, too.
         *
         * @param name of the group
         * @param parameters tensors by name
         * @param learningRate to begin with
         * @return the group
         */
        public static Group of(String name, Map<String, Tensor> parameters, double learningRate) {
            return new Group(name, parameters, Rule.ADAM, learningRate, 0.9, 0.999, 1e-8);
        }

        /**
         * This group with another rule.
         *
         * @param newRule the rule
         * @return the group
         */
        public Group withRule(Rule newRule) {
            return new Group(name, parameters, newRule, learningRate, beta1, beta2, epsilon);
        }

        /**
         * This group with another β₁.
         *
         * @param newBeta1 the decay rate
         * @return the group
         */
        public Group withBeta1(double newBeta1) {
            return new Group(name, parameters, rule, learningRate, newBeta1, beta2, epsilon);
        }
    }

    /**
     * What the optimizer remembers of one parameter.
     *
     * @param average running mean of the gradient, with SGD its momentum; of the parameter's shape
     * @param squares running mean of the squared gradient, of the parameter's shape; with SGD zeros
     * @param steps steps taken
     */
    public record Moments(TensorData average, TensorData squares, float steps) {
        /**
         * The moments of the slices at {@code indices} along {@code axis}.
         *
         * @param axis the axis
         * @param indices those that stay, in order
         * @return the moments of what stays
         */
        public Moments take(int axis, int[] indices) {
            return new Moments(average.take(axis, indices), squares.take(axis, indices), steps);
        }
    }

    /** One parameter and its state. */
    private record Entry(Tensor parameter, Tensor average, Tensor squares, Tensor steps) {}

    /** Entries of one group. */
    private static final class Member {
        final Group group;
        final Map<String, Entry> entries = new LinkedHashMap<>();
        double learningRate;
        double weightDecay;

        Member(Group group) {
            this.group = group;
            this.learningRate = group.learningRate();
        }
    }

    private final Map<String, Member> members = new LinkedHashMap<>();
    private final Map<Rule, OperatorHandle> kernels = new EnumMap<>(Rule.class);
    private final Type.TypePtr tensorType;

    /**
     * An optimizer that has taken no step. The parameters stay their owner's.
     *
     * @param groups what to update, and how
     */
    public Optimizer(List<Group> groups) {
        Engine.start();
        try (PointerScope scope = new PointerScope()) {
            for (Rule r : Rule.values()) {
                OperatorHandle kernel = Dispatcher.singleton().findSchemaOrThrow(r.kernel, "");
                NativeHandles.keep(kernel);
                kernels.put(r, kernel);
            }
            tensorType = new Type.TypePtr(TensorType.get());
            NativeHandles.keep(tensorType);
            for (Group g : groups) {
                add(g);
            }
        }
    }

    private void add(Group g) {
        Member member = new Member(g);
        if (members.put(g.name(), member) != null) {
            throw new IllegalArgumentException("group '" + g.name() + "': names must differ, found it twice");
        }
        g.parameters().forEach((name, p) -> {
            for (Member other : members.values()) {
                if (other.entries.containsKey(name)) {
                    throw new IllegalArgumentException("parameter '" + name + "': names must differ, found it twice");
                }
            }
            Tensor steps = torch.zeros(new long[0], new TensorOptions(ScalarType.Float));
            if (!p.is_cpu()) {
                steps = steps.to(p.device(), ScalarType.Float);
            }
            Tensor plain = p.detach();
            Entry e = new Entry(p, torch.zeros_like(plain), torch.zeros_like(plain), steps);
            NativeHandles.keep(e.average);
            NativeHandles.keep(e.squares);
            NativeHandles.keep(e.steps);
            member.entries.put(name, e);
        });
    }

    /**
     * Sets the learning rate of a group from the next step on.
     *
     * @param group its name
     * @param learningRate the rate
     */
    public void setLearningRate(String group, double learningRate) {
        if (!(learningRate >= 0)) {
            throw new IllegalArgumentException("group '" + group
                    + "': learning rate must not be negative, expected 0 or more, found " + learningRate);
        }
        member(group).learningRate = learningRate;
    }

    /**
     * Sets the weight decay of a group from the next step on; none to begin with.
     *
     * @param group its name
     * @param weightDecay with Adam decoupled: a step takes this, times the learning rate, off each parameter's value
     *     (Loshchilov, Hutter: "Decoupled Weight Decay Regularization", ICLR 2019); with {@link Rule#ADAM_L2} and SGD
     *     added to the gradient, times the value
     */
    public void setWeightDecay(String group, double weightDecay) {
        if (!(weightDecay >= 0)) {
            throw new IllegalArgumentException("group '" + group
                    + "': weight decay must not be negative, expected 0 or more, found " + weightDecay);
        }
        member(group).weightDecay = weightDecay;
    }

    private Member member(String group) {
        Member m = members.get(group);
        if (m == null) {
            throw new IllegalArgumentException("group '" + group + "': unknown, expected one of " + members.keySet());
        }
        return m;
    }

    /** Forgets all gradients, so that the next backward pass starts from none. */
    public void zeroGrad() {
        try (PointerScope scope = new PointerScope()) {
            Tensor none = new Tensor();
            for (Member m : members.values()) {
                for (Entry e : m.entries.values()) {
                    e.parameter.mutable_grad().put(none);
                }
            }
        }
    }

    /** Updates every parameter that has a gradient. */
    public void step() {
        for (Member m : members.values()) {
            try (PointerScope scope = new PointerScope();
                    AutoGradMode off = new AutoGradMode(false)) {
                step(m);
            }
        }
    }

    private void step(Member m) {
        GenericList parameters = new GenericList(tensorType);
        GenericList gradients = new GenericList(tensorType);
        GenericList averages = new GenericList(tensorType);
        GenericList squares = new GenericList(tensorType);
        GenericList steps = new GenericList(tensorType);
        org.bytedeco.pytorch.Scalar one = new org.bytedeco.pytorch.Scalar(1.0);
        for (Entry e : m.entries.values()) {
            Tensor gradient = e.parameter.grad();
            if (!gradient.defined()) {
                continue;
            }
            // The kernel walks memory: the gradient must lie as the parameter does.
            if (!sameLayout(gradient, e.parameter)) {
                gradient = torch.empty_like(e.parameter).copy_(gradient);
            }
            parameters.push_back(new IValue(inMemoryOrder(e.parameter)));
            gradients.push_back(new IValue(inMemoryOrder(gradient)));
            averages.push_back(new IValue(inMemoryOrder(e.average)));
            squares.push_back(new IValue(inMemoryOrder(e.squares)));
            e.steps.add_(one);
            steps.push_back(new IValue(e.steps));
        }
        if (parameters.empty()) {
            return;
        }
        Group g = m.group;
        IValue no = new IValue(false);
        IValue none = new IValue();
        IValueVector stack =
                switch (g.rule()) {
                    case ADAM, ADAM_L2 ->
                        new IValueVector(
                                new IValue(parameters),
                                new IValue(gradients),
                                new IValue(averages),
                                new IValue(squares),
                                new IValue(new GenericList(tensorType)),
                                new IValue(steps),
                                new IValue(m.learningRate),
                                new IValue(g.beta1()),
                                new IValue(g.beta2()),
                                new IValue(m.weightDecay),
                                new IValue(g.epsilon()),
                                no,
                                no,
                                none,
                                none);
                    case SGD ->
                        new IValueVector(
                                new IValue(parameters),
                                new IValue(gradients),
                                new IValue(averages),
                                new IValue(m.weightDecay),
                                new IValue(g.beta1()),
                                new IValue(m.learningRate),
                                new IValue(0.0),
                                new IValue(true),
                                no,
                                no,
                                none,
                                none);
                };
        Objects.requireNonNull(kernels.get(g.rule())).callBoxed(stack);
    }

    /**
     * A view of a tensor with channels innermost whose last axis is the innermost one. The fused kernels copy
     * gradients that do not lie so, and then go by the original all the same.
     */
    private static Tensor inMemoryOrder(Tensor t) {
        boolean channelsInnermost =
                t.dim() == 4 && !t.is_contiguous() && t.is_contiguous(torch.MemoryFormat.ChannelsLast);
        return channelsInnermost ? t.permute(0, 2, 3, 1) : t;
    }

    private static boolean sameLayout(Tensor a, Tensor b) {
        for (long i = 0; i < a.dim(); i++) {
            if (a.size(i) != 1 && a.stride(i) != b.stride(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * What is remembered of every parameter, by name: what a checkpoint holds.
     *
     * @return by name of the parameter
     */
    public Map<String, Moments> state() {
        Map<String, Moments> out = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            for (Member m : members.values()) {
                m.entries.forEach((name, e) -> out.put(
                        name,
                        new Moments(
                                TensorConversions.toGraph(e.average),
                                TensorConversions.toGraph(e.squares),
                                e.steps.item_float())));
            }
        }
        return Collections.unmodifiableMap(out);
    }

    /**
     * Goes on from a state that {@link #state} returned. Parameters that it does not name start anew.
     *
     * @param state what it returned
     * @throws IllegalArgumentException if a shape is not the parameter's, or a name is unknown; nothing is changed then
     */
    public void load(Map<String, Moments> state) {
        Map<String, Entry> all = new LinkedHashMap<>();
        members.values().forEach(m -> all.putAll(m.entries));
        try (PointerScope scope = new PointerScope();
                AutoGradMode off = new AutoGradMode(false)) {
            state.forEach((name, s) -> check(name, all.get(name), s));
            List<String> anew = new ArrayList<>(all.keySet());
            state.forEach((name, s) -> {
                Entry e = all.get(name);
                if (e != null) {
                    e.average.copy_(TensorConversions.toTorch(s.average()));
                    e.squares.copy_(TensorConversions.toTorch(s.squares()));
                    e.steps.fill_(new org.bytedeco.pytorch.Scalar(s.steps()));
                    anew.remove(name);
                }
            });
            for (String name : anew) {
                Entry e = all.get(name);
                if (e != null) {
                    e.average.zero_();
                    e.squares.zero_();
                    e.steps.zero_();
                }
            }
        }
    }

    private static void check(String name, @org.jspecify.annotations.Nullable Entry e, Moments s) {
        if (e == null) {
            throw new IllegalArgumentException("optimizer state '" + name + "': there is no such parameter");
        }
        long[] shape = TensorConversions.shape(e.parameter);
        if (!java.util.Arrays.equals(shape, s.average().shape())
                || !java.util.Arrays.equals(shape, s.squares().shape())) {
            throw new IllegalArgumentException(
                    "optimizer state '" + name + "': shape must be the parameter's, expected "
                            + java.util.Arrays.toString(shape) + ", found " + s.average());
        }
    }

    /** Frees the state; the parameters stay. Closing twice does nothing. */
    @Override
    public void close() {
        for (Member m : members.values()) {
            for (Entry e : m.entries.values()) {
                for (Pointer p : List.of(e.average, e.squares, e.steps)) {
                    NativeHandles.release(p);
                }
            }
        }
        members.clear();
        if (!kernels.isEmpty()) {
            kernels.values().forEach(NativeHandles::release);
            kernels.clear();
            NativeHandles.release(tensorType);
        }
    }
}
