// Adds to the sums of all taps what one column of results gives, and moves the columns under the taps on by one.
#for j NJ
#for t KW
#for s MJ
c$(t)_$(s*4)_$j += p$(t)_$s.x * b$j;
c$(t)_$(s*4+1)_$j += p$(t)_$s.y * b$j;
c$(t)_$(s*4+2)_$j += p$(t)_$s.z * b$j;
c$(t)_$(s*4+3)_$j += p$(t)_$s.w * b$j;
#end
#end
#end
#for t LAST
#for s MJ
p$(t)_$s = p$(t+1)_$s;
#end
#end
