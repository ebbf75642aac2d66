package org.espalier.data;

/** What an example is labelled with. */
public enum LabelKind {
    /** One class per example, 0 to classCount − 1. */
    CLASSES,
    /** Numbers to predict, one or several per example. */
    TARGETS,
    /** Nothing. */
    NONE
}
