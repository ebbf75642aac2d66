package org.espalier.torch.ops;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * An activation inside a recurrent layer.
 *
 * @param name in lower case; ONNX does not tell cases apart here
 * @param alpha its first parameter, where it has one
 * @param beta its second
 */
record RecurrentActivation(String name, float alpha, float beta) {
    /** The activations of one direction where none are given. */
    static List<String> usual(String opType) {
        return switch (opType) {
            case "LSTM" -> List.of("sigmoid", "tanh", "tanh");
            case "GRU" -> List.of("sigmoid", "tanh");
            default -> List.of("tanh");
        };
    }

    /** The activations of all directions, one direction after the other. */
    static List<RecurrentActivation> of(KernelCall c, int directions) {
        Node n = c.node();
        List<String> names = RecurrentLayer.strings(n, "activations");
        List<String> usual = usual(n.opType());
        if (names == null) {
            names = new ArrayList<>(usual);
            names.addAll(directions == 2 ? usual : List.of());
        }
        if (names.size() != directions * usual.size()) {
            throw c.wrong("activations must be given for each direction", directions * usual.size(), names.size());
        }
        Iterator<Float> alphas = floats(n, "activation_alpha");
        Iterator<Float> betas = floats(n, "activation_beta");
        List<RecurrentActivation> all = new ArrayList<>();
        for (String name : names) {
            all.add(of(c, name.toLowerCase(Locale.ROOT), alphas, betas));
        }
        return all;
    }

    private static Iterator<Float> floats(Node n, String attribute) {
        return n.attributes().get(attribute) instanceof Attribute.OfFloats f
                ? f.values().iterator()
                : List.<Float>of().iterator();
    }

    /** Parameters are given in the order of those activations that have them. */
    private static RecurrentActivation of(KernelCall c, String name, Iterator<Float> alphas, Iterator<Float> betas) {
        return switch (name) {
            case "relu", "tanh", "sigmoid", "softsign", "softplus" -> new RecurrentActivation(name, 0, 0);
            case "leakyrelu" -> new RecurrentActivation(name, next(c, alphas, 0.01f), 0);
            case "thresholdedrelu", "elu" -> new RecurrentActivation(name, next(c, alphas, 1f), 0);
            case "hardsigmoid" -> new RecurrentActivation(name, next(c, alphas, 0.2f), next(c, betas, 0.5f));
            case "affine", "scaledtanh" -> new RecurrentActivation(name, next(c, alphas, null), next(c, betas, null));
            default -> throw c.wrong("activation must be one that ONNX lists", "such as Tanh", name);
        };
    }

    private static float next(KernelCall c, Iterator<Float> given, @Nullable Float otherwise) {
        if (!given.hasNext() && otherwise == null) {
            throw c.wrong(
                    "activation_alpha and activation_beta must be given for Affine and ScaledTanh", "a number", "none");
        }
        return given.hasNext() ? given.next() : Objects.requireNonNull(otherwise);
    }

    Tensor of(Tensor x) {
        Scalar a = new Scalar(alpha);
        return switch (name) {
            case "relu" -> x.relu();
            case "tanh" -> x.tanh();
            case "sigmoid" -> x.sigmoid();
            case "softsign" -> x.div(x.abs().add(new Scalar(1)));
            case "softplus" -> torch.softplus(x);
            case "leakyrelu" -> torch.leaky_relu(x, a);
            case "thresholdedrelu" -> torch.threshold(x, a, new Scalar(0));
            case "elu" -> torch.elu(x, a, new Scalar(1), new Scalar(1));
            case "hardsigmoid" -> torch.hardtanh(x.mul(a).add(new Scalar(beta)), new Scalar(0), new Scalar(1));
            case "affine" -> x.mul(a).add(new Scalar(beta));
            default -> x.mul(new Scalar(beta)).tanh().mul(a);
        };
    }
}
