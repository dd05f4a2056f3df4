"""What is stated of a release: what protects it, what it can reveal, what error to expect.

Nothing here is given a count. The synthetic twin draws its invented persons with numpy, which no
module that protects counts may do; so the twin stands outside `geo_core.disclose`.
"""
