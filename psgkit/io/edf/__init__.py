"""EDF, EDF+, BDF and BDF+: header, samples, annotations, time, writing, repair, copies."""
