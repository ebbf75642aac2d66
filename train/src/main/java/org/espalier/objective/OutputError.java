package org.espalier.objective;

/**
 * How far one output of a pruned network is from what it was, or from its labels.
 *
 * @param output its name
 * @param kind what its numbers are
 * @param percent the error, see {@link ErrorScore}
 * @param channels how many channels were measured each by itself; 1 for classes
 * @param worstChannel the one that is worst off, counted from 0
 * @param worstPercent its error
 */
public record OutputError(
        String output, LabelledOutput.Kind kind, double percent, int channels, int worstChannel, double worstPercent) {
    /**
     * The error that a score has come to.
     *
     * @param score of all examples
     * @return the error
     */
    static OutputError of(ErrorScore score) {
        double[] channels = score.channelPercents();
        int worst = 0;
        for (int c = 1; c < channels.length; c++) {
            worst = channels[c] > channels[worst] ? c : worst;
        }
        return new OutputError(
                score.output().output(),
                score.output().kind(),
                score.errorPercent(),
                channels.length,
                worst,
                channels[worst]);
    }
}
