package org.espalier.train;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.data.Augmentation;
import org.jspecify.annotations.Nullable;

/** Random changes of training pictures, by the names that recipes give them. */
public final class Augmentations {
    private static final Pattern NAME = Pattern.compile("(crop|cutout|brightness|contrast)([0-9.]+)|(flip)");

    private Augmentations() {}

    /**
     * The changes that a text names.
     *
     * @param text of {@code crop4} (moved by up to 4 pixels each way), {@code flip} (left and right swapped in every other epoch), {@code
     *     cutout8} (a square of 8 by 8 pixels set to the picture's mean), {@code brightness0.25} (up to that much added, where black is 0 and
     *     white 1; pictures of floats keep their own unit) and {@code contrast0.8} (stretched by 1 − 0.8 to 1 + 0.8), some joined by {@code +}, in the order in which they are made; empty
     *     for none
     * @throws IllegalArgumentException if it names something else
     */
    public static Optional<Augmentation> of(String text) {
        Augmentation all = null;
        for (String part : text.isEmpty() ? new String[0] : text.split("\\+", -1)) {
            Augmentation next = one(part, text);
            all = all == null ? next : all.then(next);
        }
        return Optional.ofNullable(all);
    }

    private static Augmentation one(String part, String text) {
        Matcher m = NAME.matcher(part);
        if (m.matches()) {
            String number = m.group(2);
            try {
                return switch (m.group(3) == null ? m.group(1) : "") {
                    case "crop" -> Augmentation.randomCrop(Integer.parseInt(number));
                    case "cutout" -> Augmentation.cutout(Integer.parseInt(number));
                    case "brightness" -> Augmentation.brightness(Double.parseDouble(number));
                    case "contrast" -> {
                        double by = Double.parseDouble(number);
                        yield Augmentation.contrast(1 - by, 1 + by);
                    }
                    default -> Augmentation.horizontalFlip();
                };
            } catch (IllegalArgumentException e) {
                throw unknown(text, e);
            }
        }
        throw unknown(text, null);
    }

    private static IllegalArgumentException unknown(String text, @Nullable IllegalArgumentException cause) {
        return new IllegalArgumentException(
                "recipe 'augmentation': must be made of cropN, flip, cutoutN, brightnessX and contrastX "
                        + "joined by '+', such as crop4+flip, found '" + text + "'",
                cause);
    }
}
