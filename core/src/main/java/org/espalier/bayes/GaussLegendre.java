package org.espalier.bayes;

/**
 * The 20-point Gauss-Legendre rule on [-1, 1]: exact for polynomials up to degree 39. Nodes and weights were computed
 * with 40 digits from the roots of the Legendre polynomial.
 */
final class GaussLegendre {
    private static final double[] POSITIVE_NODES = {
        0.07652652113349734, 0.22778585114164507, 0.37370608871541955, 0.5108670019508271, 0.636053680726515,
        0.7463319064601508, 0.8391169718222188, 0.912234428251326, 0.9639719272779138, 0.9931285991850949
    };
    private static final double[] POSITIVE_WEIGHTS = {
        0.15275338713072584, 0.14917298647260374, 0.14209610931838204, 0.13168863844917664, 0.11819453196151841,
        0.10193011981724044, 0.08327674157670475, 0.06267204833410907, 0.04060142980038694, 0.017614007139152118
    };

    static final int SIZE = 2 * POSITIVE_NODES.length;
    private static final double[] NODES = new double[SIZE];
    private static final double[] WEIGHTS = new double[SIZE];

    static {
        for (int i = 0; i < POSITIVE_NODES.length; i++) {
            NODES[2 * i] = -POSITIVE_NODES[i];
            NODES[2 * i + 1] = POSITIVE_NODES[i];
            WEIGHTS[2 * i] = POSITIVE_WEIGHTS[i];
            WEIGHTS[2 * i + 1] = POSITIVE_WEIGHTS[i];
        }
    }

    private GaussLegendre() {}

    static double node(int i) {
        return NODES[i];
    }

    static double weight(int i) {
        return WEIGHTS[i];
    }
}
